//! What a framer emits, as Python sees it: frames, faults, skips.
//!
//! A frame refers to the bytes object that was fed where it lies in it whole, and to a copy where it came in pieces;
//! its payload and fields are read when they are asked for.

use std::{ops::Range, sync::Arc};

use deframe::framing::{self, FaultKind, Framer, SkipKind, StreamEnd, StreamStart};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBytes, PyDict, PyMemoryView, PyString},
};

use crate::protocol::Compiled;

/// The bytes of a bytes-like object: itself if it is `bytes`, else one copy, for others may change.
pub fn bytes_of<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    let view = PyMemoryView::from(given).map_err(|_| {
        let name = given
            .get_type()
            .name()
            .map_or_else(|_| "this object".into(), |n| n.to_string());
        PyTypeError::new_err(format!("a bytes-like object is required, not {name}"))
    })?;
    Ok(view.call_method0("tobytes")?.cast_into::<PyBytes>()?)
}

/// A valid frame.
#[pyclass(frozen, module = "deframe")]
pub struct Frame {
    pub compiled: Arc<Compiled>,
    pub kind: usize,
    #[pyo3(get)]
    pub offset: u64,
    /// False where its checksum is wrong though the next frame follows where it ends.
    #[pyo3(get)]
    pub checksum_ok: bool,
    pub owner: Py<PyBytes>,
    pub range: Range<usize>,
}

impl Frame {
    pub fn bytes<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        &self.owner.as_bytes(py)[self.range.clone()]
    }

    pub fn as_framing<'a>(&'a self, py: Python<'a>) -> framing::Frame<'a> {
        framing::Frame {
            kind: self.kind,
            offset: self.offset,
            bytes: self.bytes(py),
            checksum_ok: self.checksum_ok,
        }
    }

    /// The one frame that these bytes are.
    pub fn whole(
        _py: Python<'_>,
        compiled: &Arc<Compiled>,
        owner: Bound<'_, PyBytes>,
    ) -> Option<Self> {
        let bytes = owner.as_bytes();
        let mut found = None;
        let mut emit = |event: framing::Event<'_>| {
            for frame in event.frames() {
                if frame.offset == 0 && frame.bytes.len() == bytes.len() && frame.checksum_ok {
                    found = Some(frame.kind);
                }
            }
        };
        let mut framer = Framer::new(Arc::clone(&compiled.table), StreamStart::Known);
        framer.feed(bytes, &mut emit);
        framer.finish(StreamEnd::Closed, &mut emit);
        Some(Self {
            compiled: Arc::clone(compiled),
            kind: found?,
            offset: 0,
            checksum_ok: true,
            range: 0..bytes.len(),
            owner: owner.unbind(),
        })
    }
}

#[pymethods]
impl Frame {
    /// Name of its type.
    #[getter]
    fn r#type(&self, py: Python<'_>) -> Py<PyString> {
        self.compiled.names[self.kind].clone_ref(py)
    }

    /// Its size on the wire, in bytes.
    #[getter]
    fn length(&self) -> usize {
        self.range.len()
    }

    /// All of its bytes: header, payload, end marker.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        match self.range == (0..self.owner.as_bytes(py).len()) {
            true => self.owner.bind(py).clone(),
            false => PyBytes::new(py, self.bytes(py)),
        }
    }

    /// The bytes between header and end marker.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.compiled.table.payload(self.kind, self.bytes(py)))
    }

    /// Its fields: name to value (int, float, str, bytes, datetime, or None where the bytes mean nothing).
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.compiled.fields(py, self.kind, self.bytes(py))
    }

    fn __len__(&self) -> usize {
        self.range.len()
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.data(py)
    }

    fn __repr__(&self) -> String {
        let name = &self.compiled.kind(self.kind).name;
        format!(
            "Frame(type={name:?}, offset={}, length={})",
            self.offset,
            self.range.len()
        )
    }
}

/// Bytes that the sender garbled.
#[pyclass(frozen, module = "deframe")]
pub struct Fault {
    pub kind: FaultKind,
    /// Name of the frame type that it comes closest to, if any.
    #[pyo3(get)]
    pub nearest: Option<String>,
    #[pyo3(get)]
    pub offset: u64,
    #[pyo3(get)]
    pub length: u64,
    /// The size that its length field states, where that is what is wrong.
    #[pyo3(get)]
    pub stated: Option<u64>,
    pub head: Py<PyBytes>,
}

#[pymethods]
impl Fault {
    /// What is wrong: bad_end_marker, bad_length, truncated, bad_header, bad_checksum or junk.
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind.name()
    }

    /// The first of its bytes, at most 256.
    #[getter]
    fn data(&self, py: Python<'_>) -> Py<PyBytes> {
        self.head.clone_ref(py)
    }

    fn __repr__(&self) -> String {
        format!(
            "Fault(kind={:?}, offset={}, length={})",
            self.kind.name(),
            self.offset,
            self.length
        )
    }
}

/// Bytes that are neither frame nor fault.
#[pyclass(frozen, module = "deframe")]
pub struct Skip {
    pub kind: SkipKind,
    #[pyo3(get)]
    pub offset: u64,
    #[pyo3(get)]
    pub length: u64,
}

#[pymethods]
impl Skip {
    /// Why: leading (before the first frame of a stream entered in the middle), cut (beside a gap) or unfinished (still
    /// open at the end).
    #[getter]
    fn kind(&self) -> &'static str {
        match self.kind {
            SkipKind::Leading => "leading",
            SkipKind::Cut => "cut",
            SkipKind::Unfinished => "unfinished",
        }
    }

    fn __repr__(&self) -> String {
        format!(
            "Skip(kind={:?}, offset={}, length={})",
            self.kind(),
            self.offset,
            self.length
        )
    }
}
