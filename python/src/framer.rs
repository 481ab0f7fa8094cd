//! `Framer`: the frame parser of one stream.
//!
//! Two steps: the parser runs over the bytes without Python's lock where they are many, and notes what it found; then the
//! objects are made.

use std::{ops::Range, sync::Arc};

use deframe::framing::{self, Event, StreamEnd, StreamStart};
use pyo3::{
    IntoPyObjectExt,
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyList},
};

use crate::{
    events::{Fault, Frame, Skip, bytes_of},
    protocol::{Compiled, protocol_of},
};

/// Inputs of at least this many bytes are parsed without Python's lock; for less, releasing it costs more than it gives.
const DETACH_BYTES: usize = 32 * 1024;

/// Something found, before it is an object.
enum Found {
    /// A frame that lies in the input.
    Lent(usize, u64, bool, Range<usize>),
    /// A frame that came in pieces.
    Copied(usize, u64, bool, Vec<u8>),
    Fault(
        framing::FaultKind,
        Option<usize>,
        u64,
        u64,
        Option<u64>,
        Vec<u8>,
    ),
    Skip(framing::Skip),
}

/// Undecided bytes that a framer buffers.
#[pyclass(frozen, module = "deframe", get_all)]
pub struct Pending {
    /// Stream offset of the first of them.
    offset: u64,
    /// Number of bytes.
    length: u64,
    /// Name of the frame type that `flush()` would emit, if any.
    r#type: Option<String>,
}

#[pymethods]
impl Pending {
    fn __repr__(&self) -> String {
        format!(
            "Pending(offset={}, length={}, type={:?})",
            self.offset, self.length, self.r#type
        )
    }
}

/// Finds the frames of one stream of bytes, however it is cut.
///
/// `start="unknown"` is for a stream entered in the middle: what comes before its first frame is then no fault.
/// `limit` is the largest frame of a length field or searched end that is accepted, in bytes: a peer can make a framer
/// buffer that much.
#[pyclass(module = "deframe")]
pub struct Framer {
    compiled: Arc<Compiled>,
    framer: framing::Framer,
}

impl Framer {
    fn run(
        &mut self,
        py: Python<'_>,
        input: Option<&Bound<'_, PyBytes>>,
        call: Call,
    ) -> PyResult<Py<PyList>> {
        let bytes = input.map_or(&[][..], |b| b.as_bytes());
        let framer = &mut self.framer;
        let found = match bytes.len() >= DETACH_BYTES {
            true => py.detach(|| find(framer, bytes, call)),
            false => find(framer, bytes, call),
        };
        let list = PyList::empty(py);
        for found in found {
            list.append(self.object(py, input, found)?)?;
        }
        Ok(list.unbind())
    }

    fn object(
        &self,
        py: Python<'_>,
        input: Option<&Bound<'_, PyBytes>>,
        found: Found,
    ) -> PyResult<Py<PyAny>> {
        let frame = |kind, offset, checksum_ok, owner, range| Frame {
            compiled: Arc::clone(&self.compiled),
            kind,
            offset,
            checksum_ok,
            owner,
            range,
        };
        match found {
            Found::Lent(kind, offset, checksum_ok, range) => {
                let owner = match input {
                    Some(input) => input.clone().unbind(),
                    None => PyBytes::new(py, &[]).unbind(),
                };
                frame(kind, offset, checksum_ok, owner, range).into_py_any(py)
            }
            Found::Copied(kind, offset, checksum_ok, bytes) => {
                let (range, owner) = (0..bytes.len(), PyBytes::new(py, &bytes).unbind());
                frame(kind, offset, checksum_ok, owner, range).into_py_any(py)
            }
            Found::Fault(kind, nearest, offset, length, stated, head) => Fault {
                kind,
                nearest: nearest.map(|at| self.compiled.kind(at).name.clone()),
                offset,
                length,
                stated,
                head: PyBytes::new(py, &head).unbind(),
            }
            .into_py_any(py),
            Found::Skip(skip) => Skip {
                kind: skip.kind,
                offset: skip.offset,
                length: skip.length,
            }
            .into_py_any(py),
        }
    }
}

/// What a framer is asked to do.
#[derive(Clone, Copy)]
enum Call {
    Feed,
    Flush,
    Gap(u64),
    Finish(StreamEnd),
}

fn find(framer: &mut framing::Framer, bytes: &[u8], call: Call) -> Vec<Found> {
    let mut found = Vec::new();
    let base = bytes.as_ptr().addr();
    let mut emit = |event: Event<'_>| {
        for frame in event.frames() {
            let at = frame.bytes.as_ptr().addr().wrapping_sub(base);
            let lent = at
                .checked_add(frame.bytes.len())
                .is_some_and(|end| end <= bytes.len());
            found.push(match lent {
                true => Found::Lent(
                    frame.kind,
                    frame.offset,
                    frame.checksum_ok,
                    at..at + frame.bytes.len(),
                ),
                false => Found::Copied(
                    frame.kind,
                    frame.offset,
                    frame.checksum_ok,
                    frame.bytes.to_vec(),
                ),
            });
        }
        match event {
            Event::Fault(f) => {
                found.push(Found::Fault(
                    f.kind,
                    f.nearest,
                    f.offset,
                    f.length,
                    f.stated,
                    f.head.to_vec(),
                ));
            }
            Event::Skip(skip) => found.push(Found::Skip(skip)),
            _ => {}
        }
    };
    match call {
        Call::Feed => framer.feed(bytes, &mut emit),
        Call::Flush => framer.flush(&mut emit),
        Call::Gap(length) => framer.gap(length, &mut emit),
        Call::Finish(end) => framer.finish(end, &mut emit),
    }
    found
}

#[pymethods]
impl Framer {
    #[new]
    #[pyo3(signature = (protocol, *, start = "known", limit = None))]
    fn new(
        py: Python<'_>,
        protocol: &Bound<'_, PyAny>,
        start: &str,
        limit: Option<u64>,
    ) -> PyResult<Self> {
        let compiled = protocol_of(py, protocol)?;
        let start = match start {
            "known" => StreamStart::Known,
            "unknown" => StreamStart::Unknown,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "start is \"known\" or \"unknown\", not {start:?}"
                )));
            }
        };
        let mut framer = framing::Framer::new(Arc::clone(&compiled.table), start);
        if let Some(limit) = limit {
            framer = framer.with_limit(limit);
        }
        Ok(Self { compiled, framer })
    }

    /// Takes the next bytes of the stream (any bytes-like object, cut anywhere) and returns what they decide: a list of
    /// Frame, Fault and Skip in stream order. `bytes` are not copied: frames refer to them.
    fn feed(&mut self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Py<PyList>> {
        let bytes = bytes_of(data)?;
        self.run(py, Some(&bytes), Call::Feed)
    }

    /// For a reader whose peer has paused: emits the frame at the beginning of what is pending if it is complete, though a
    /// longer one could still come of it.
    fn flush(&mut self, py: Python<'_>) -> PyResult<Py<PyList>> {
        self.run(py, None, Call::Flush)
    }

    /// The next `length` bytes of the stream are missing.
    fn gap(&mut self, py: Python<'_>, length: u64) -> PyResult<Py<PyList>> {
        self.run(py, None, Call::Gap(length))
    }

    /// The stream ends here. An open frame is a fault (truncated) where the sender closed, else unfinished.
    #[pyo3(signature = (*, closed = true))]
    fn finish(&mut self, py: Python<'_>, closed: bool) -> PyResult<Py<PyList>> {
        let end = if closed {
            StreamEnd::Closed
        } else {
            StreamEnd::Open
        };
        self.run(py, None, Call::Finish(end))
    }

    /// A segment or record starts at the next byte. Matters only to descriptions with `resync = "segment"`.
    fn mark(&mut self) {
        self.framer.mark();
    }

    /// The undecided bytes that are buffered, or None.
    #[getter]
    fn pending(&self) -> Option<Pending> {
        self.framer.pending().map(|p| Pending {
            offset: p.offset,
            length: p.length,
            r#type: p
                .frame
                .map(|(kind, _)| self.compiled.kind(kind).name.clone()),
        })
    }

    /// Stream offset of the next byte to be fed.
    #[getter]
    fn offset(&self) -> u64 {
        self.framer.offset()
    }

    fn __repr__(&self) -> String {
        format!(
            "Framer({:?}, offset={})",
            self.compiled.protocol.name,
            self.framer.offset()
        )
    }
}
