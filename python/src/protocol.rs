//! `Protocol`: a description, compiled once and shared by everything that is made from it.
//!
//! Knows where a description comes from (built in, text, file) and the names that Python sees; nothing of streams.

use std::{fs, path::PathBuf, sync::Arc};

use deframe::{
    framing::FrameTable,
    protocol::{self, Field, FrameType, Value},
};
use pyo3::{
    IntoPyObjectExt,
    exceptions::PyKeyError,
    prelude::*,
    types::{PyBytes, PyDict, PyString},
};

use crate::{
    DecodeError, DescriptionError, EncodeError,
    events::{Frame, bytes_of},
};

/// What frames, framers and messages share.
pub struct Compiled {
    pub protocol: protocol::Protocol,
    pub table: Arc<FrameTable>,
    /// Names of the frame types as Python strings, made once.
    pub names: Vec<Py<PyString>>,
}

impl Compiled {
    pub fn kind(&self, kind: usize) -> &FrameType {
        &self.protocol.frames[kind]
    }

    /// Index of a frame type.
    pub fn index(&self, name: &str) -> PyResult<usize> {
        let frames = &self.protocol.frames;
        frames.iter().position(|f| f.name == name).ok_or_else(|| {
            let known: Vec<&str> = frames.iter().map(|f| f.name.as_str()).collect();
            let (of, known) = (&self.protocol.name, known.join(", "));
            PyKeyError::new_err(format!("no frame type {name:?} in {of}; it has {known}"))
        })
    }

    /// Index of a message; without a name, of the first.
    pub fn message(&self, name: Option<&str>) -> PyResult<usize> {
        let messages = &self.protocol.messages;
        let found = match name {
            None => (!messages.is_empty()).then_some(0),
            Some(name) => messages.iter().position(|m| m.name == name),
        };
        found.ok_or_else(|| {
            let of = &self.protocol.name;
            PyKeyError::new_err(match name {
                None => format!("{of} describes no message"),
                Some(name) => format!("no message {name:?} in {of}"),
            })
        })
    }

    /// The fields of a frame that it is long enough for.
    pub fn fields<'py>(
        &self,
        py: Python<'py>,
        kind: usize,
        frame: &[u8],
    ) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        for field in &self.kind(kind).fields {
            fields.set_item(&field.name, value(py, field, frame)?)?;
        }
        Ok(fields)
    }
}

/// A field's value: int, float, str, bytes, `datetime` in UTC, or None where the frame is too short or its bytes mean
/// nothing.
fn value(py: Python<'_>, field: &Field, frame: &[u8]) -> PyResult<Py<PyAny>> {
    match field.read(frame) {
        None => Ok(py.None()),
        Some(Value::Unsigned(n) | Value::Named(n, _)) => n.into_py_any(py),
        Some(Value::Signed(n)) => n.into_py_any(py),
        Some(Value::Float(n)) => n.into_py_any(py),
        Some(Value::Text(text)) => text.into_py_any(py),
        Some(Value::Bytes(bytes)) => PyBytes::new(py, bytes).into_py_any(py),
        Some(Value::Time(moment)) => {
            // By arithmetic on the epoch: fromtimestamp() rounds, and refuses years that devices do state.
            let datetime = py.import("datetime")?;
            let utc = datetime.getattr("timezone")?.getattr("utc")?;
            let epoch = datetime
                .getattr("datetime")?
                .call1((1970, 1, 1, 0, 0, 0, 0, utc))?;
            let delta =
                datetime
                    .getattr("timedelta")?
                    .call1((0, moment.sec, moment.nsec / 1000))?;
            match epoch.add(delta) {
                Ok(time) => Ok(time.unbind()),
                // A year that datetime cannot hold: the text says it.
                Err(_) => moment.to_string().into_py_any(py),
            }
        }
    }
}

/// A binary protocol: frame types by header, length and end marker, and the messages that they make.
///
/// `Protocol("fd")` is one of the built-in descriptions, `Protocol("device.toml")` or `Protocol(Path(...))` reads a file.
#[pyclass(frozen, module = "deframe")]
pub struct Protocol {
    pub compiled: Arc<Compiled>,
}

impl Protocol {
    fn compile(py: Python<'_>, protocol: protocol::Protocol) -> PyResult<Self> {
        let table = FrameTable::new(&protocol.layout)
            .map_err(|e| DescriptionError::new_err(e.to_string()))?;
        let names = protocol
            .frames
            .iter()
            .map(|f| PyString::new(py, &f.name).unbind())
            .collect();
        let table = Arc::new(table);
        Ok(Self {
            compiled: Arc::new(Compiled {
                protocol,
                table,
                names,
            }),
        })
    }

    fn of_text(py: Python<'_>, text: &str, origin: &str) -> PyResult<Self> {
        let parsed = protocol::Protocol::parse(text, origin)
            .map_err(|e| DescriptionError::new_err(e.to_string()))?;
        Self::compile(py, parsed)
    }
}

/// A `Protocol`, or what `Protocol(...)` takes.
pub fn protocol_of(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<Arc<Compiled>> {
    if let Ok(protocol) = given.cast::<Protocol>() {
        return Ok(Arc::clone(&protocol.get().compiled));
    }
    Ok(Protocol::new(py, given.extract()?)?.compiled)
}

#[pymethods]
impl Protocol {
    #[new]
    #[pyo3(signature = (name_or_path, /))]
    fn new(py: Python<'_>, name_or_path: PathBuf) -> PyResult<Self> {
        let built_in = name_or_path.to_str().and_then(protocol::Protocol::named);
        if let Some(protocol) = built_in {
            return Self::compile(py, protocol);
        }
        let origin = name_or_path.display().to_string();
        let text = fs::read_to_string(&name_or_path).map_err(|error| {
            DescriptionError::new_err(format!(
                "{origin}: neither a built-in protocol (see Protocol.names()) nor a file that can be read: {error}"
            ))
        })?;
        Self::of_text(py, &text, &origin)
    }

    /// Reads a description from TOML text. `origin` names the text in errors.
    #[staticmethod]
    #[pyo3(signature = (text, origin = "description"))]
    fn parse(py: Python<'_>, text: &str, origin: &str) -> PyResult<Self> {
        Self::of_text(py, text, origin)
    }

    /// What is wrong with a description, as the program's `protocol check` says it; None if nothing is.
    #[staticmethod]
    #[pyo3(signature = (text, origin = "description"))]
    fn check(py: Python<'_>, text: &str, origin: &str) -> Option<String> {
        Self::of_text(py, text, origin)
            .err()
            .map(|e| e.value(py).to_string())
    }

    /// Names of the built-in descriptions.
    #[staticmethod]
    fn names() -> Vec<&'static str> {
        protocol::library().map(|entry| entry.name).collect()
    }

    #[getter]
    fn name(&self) -> &str {
        &self.compiled.protocol.name
    }

    #[getter]
    fn description(&self) -> Option<&str> {
        self.compiled.protocol.description.as_deref()
    }

    /// The standard or manual that the description was written from.
    #[getter]
    fn source(&self) -> Option<&str> {
        self.compiled.protocol.source.as_deref()
    }

    /// TCP ports that the protocol is usually found on.
    #[getter]
    fn ports(&self) -> Vec<u16> {
        self.compiled.protocol.ports.clone()
    }

    /// Names of the frame types, in the order of the description.
    #[getter]
    fn frame_types(&self) -> Vec<&str> {
        self.compiled
            .protocol
            .frames
            .iter()
            .map(|f| f.name.as_str())
            .collect()
    }

    /// The messages: name to names of frame types, in order.
    #[getter]
    fn messages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let messages = PyDict::new(py);
        let protocol = &self.compiled.protocol;
        for (message, kinds) in protocol.messages.iter().zip(&protocol.layout.messages) {
            let types: Vec<&str> = kinds
                .iter()
                .map(|&kind| self.compiled.kind(kind).name.as_str())
                .collect();
            messages.set_item(&message.name, types)?;
        }
        Ok(messages)
    }

    /// The bytes of a frame of type `type` with this payload: header, payload, end marker; a length field and checksums
    /// are filled in. Raises EncodeError where the payload does not fit.
    fn encode<'py>(
        &self,
        py: Python<'py>,
        r#type: &str,
        payload: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (kind, payload) = (self.compiled.index(r#type)?, bytes_of(payload)?);
        let mut out = Vec::with_capacity(payload.as_bytes().len() + 16);
        self.compiled
            .table
            .encode(kind, payload.as_bytes(), &mut out)
            .map_err(|error| {
                let length = payload.as_bytes().len();
                EncodeError::new_err(match error.expected {
                    Some(n) => format!("{type} has a payload of {n} bytes, not {length}"),
                    None => format!("no {type} can have this payload of {length} bytes"),
                })
            })?;
        Ok(PyBytes::new(py, &out))
    }

    /// The frame that these bytes are, all of them. Raises DecodeError where they are not exactly one valid frame.
    fn decode(&self, py: Python<'_>, frame: &Bound<'_, PyAny>) -> PyResult<Frame> {
        let owner = bytes_of(frame)?;
        Frame::whole(py, &self.compiled, owner).ok_or_else(|| {
            DecodeError::new_err(format!(
                "not exactly one valid frame of {}",
                self.compiled.protocol.name
            ))
        })
    }

    fn __repr__(&self) -> String {
        format!("Protocol({:?})", self.compiled.protocol.name)
    }
}
