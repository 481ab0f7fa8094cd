//! `Message` and `MessageAssembler`: frames that belong together, back to back.

use std::sync::Arc;

use deframe::framing::{self, MessageLayout, StreamStart};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict, PyTuple},
};

use crate::{
    DecodeError, DescriptionError, EncodeError,
    events::{Frame, bytes_of},
    protocol::{Compiled, protocol_of},
};

/// Layout of a message of the protocol, by name; of the first without.
fn layout(compiled: &Compiled, name: Option<&str>) -> PyResult<(MessageLayout, usize)> {
    let index = compiled.message(name)?;
    let frames = &compiled.protocol.layout.messages[index];
    let layout = MessageLayout::new(Arc::clone(&compiled.table), frames)
        .map_err(|e| DescriptionError::new_err(e.to_string()))?;
    Ok((layout, index))
}

/// A message: one payload for each of its frames, in the order that the protocol names.
#[pyclass(frozen, module = "deframe")]
pub struct Message {
    compiled: Arc<Compiled>,
    layout: MessageLayout,
    index: usize,
    /// Stream offset of its first byte; 0 for one that was not received.
    #[pyo3(get)]
    offset: u64,
    payloads: Vec<Py<PyBytes>>,
}

impl Message {
    fn received(py: Python<'_>, of: &MessageAssembler, message: framing::Message) -> Self {
        Self {
            compiled: Arc::clone(&of.compiled),
            layout: of.layout.clone(),
            index: of.index,
            offset: message.offset,
            payloads: message
                .payloads
                .iter()
                .map(|p| PyBytes::new(py, p).unbind())
                .collect(),
        }
    }
}

#[pymethods]
impl Message {
    /// A message to send. `payloads` are bytes-like objects, one for each frame; `name` is needed where the protocol has
    /// several messages.
    #[new]
    #[pyo3(signature = (protocol, payloads, *, name = None))]
    fn new(
        py: Python<'_>,
        protocol: &Bound<'_, PyAny>,
        payloads: Vec<Bound<'_, PyAny>>,
        name: Option<&str>,
    ) -> PyResult<Self> {
        let compiled = protocol_of(py, protocol)?;
        let (layout, index) = layout(&compiled, name)?;
        let payloads = payloads
            .iter()
            .map(|p| Ok(bytes_of(p)?.unbind()))
            .collect::<PyResult<_>>()?;
        let message = Self {
            compiled,
            layout,
            index,
            offset: 0,
            payloads,
        };
        message.to_bytes(py)?;
        Ok(message)
    }

    /// The message that these bytes are, all of them. Raises DecodeError where they are not exactly one.
    #[staticmethod]
    #[pyo3(signature = (protocol, data, *, name = None))]
    fn from_bytes(
        py: Python<'_>,
        protocol: &Bound<'_, PyAny>,
        data: &Bound<'_, PyAny>,
        name: Option<&str>,
    ) -> PyResult<Self> {
        let compiled = protocol_of(py, protocol)?;
        let (layout, index) = layout(&compiled, name)?;
        let bytes = bytes::Bytes::copy_from_slice(bytes_of(data)?.as_bytes());
        let payloads = layout
            .decode(&bytes)
            .map_err(|e| DecodeError::new_err(e.to_string()))?;
        let payloads = payloads
            .iter()
            .map(|p| PyBytes::new(py, p).unbind())
            .collect();
        Ok(Self {
            compiled,
            layout,
            index,
            offset: 0,
            payloads,
        })
    }

    /// All messages in these bytes of a stream, faults between them passed over.
    #[staticmethod]
    #[pyo3(signature = (protocol, data, *, name = None))]
    fn parse_stream(
        py: Python<'_>,
        protocol: &Bound<'_, PyAny>,
        data: &Bound<'_, PyAny>,
        name: Option<&str>,
    ) -> PyResult<Vec<Self>> {
        let mut assembler = MessageAssembler::new(py, protocol, name)?;
        let bytes = bytes_of(data)?;
        let mut found = Vec::new();
        let mut emit = |event: framing::Event<'_>| {
            for frame in event.frames() {
                found.extend(assembler.assembler.frame(&frame));
            }
        };
        let mut framer =
            framing::Framer::new(Arc::clone(assembler.layout.table()), StreamStart::Known);
        framer.feed(bytes.as_bytes(), &mut emit);
        framer.finish(framing::StreamEnd::Closed, &mut emit);
        Ok(found
            .into_iter()
            .map(|m| Self::received(py, &assembler, m))
            .collect())
    }

    /// Its frames' bytes, back to back.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let payloads: Vec<&[u8]> = self.payloads.iter().map(|p| p.as_bytes(py)).collect();
        let mut out = Vec::with_capacity(self.layout.size());
        self.layout.encode(&payloads, &mut out).map_err(|error| {
            let (name, frame) = (self.name(), &self.compiled.kind(error.kind).name);
            let want = self.layout.kinds().len();
            EncodeError::new_err(match error.expected {
                _ if payloads.len() != want => {
                    format!("message {name} has {want} payloads, not {}", payloads.len())
                }
                Some(n) => format!("{frame} has a payload of {n} bytes, not {}", error.length),
                None => format!("no {frame} can have this payload of {} bytes", error.length),
            })
        })?;
        Ok(PyBytes::new(py, &out))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.compiled.protocol.messages[self.index].name
    }

    /// The payloads of its frames, in order.
    #[getter]
    fn payloads<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.payloads.iter().map(|p| p.clone_ref(py)))
    }

    /// The fields of each of its frames, by name of the frame type; of a type that it holds twice, those of the last.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (&kind, payload) in self.layout.kinds().iter().zip(&self.payloads) {
            let mut frame = Vec::new();
            let encoded = self
                .compiled
                .table
                .encode(kind, payload.as_bytes(py), &mut frame);
            encoded.map_err(|e| EncodeError::new_err(e.to_string()))?;
            all.set_item(
                &self.compiled.names[kind],
                self.compiled.fields(py, kind, &frame)?,
            )?;
        }
        Ok(all)
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.to_bytes(py)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let sizes: Vec<usize> = self.payloads.iter().map(|p| p.as_bytes(py).len()).collect();
        format!(
            "Message(name={:?}, offset={}, payloads of {sizes:?} bytes)",
            self.name(),
            self.offset
        )
    }
}

/// Puts messages together from the frames of one stream.
#[pyclass(module = "deframe")]
pub struct MessageAssembler {
    compiled: Arc<Compiled>,
    layout: MessageLayout,
    index: usize,
    assembler: framing::MessageAssembler,
}

#[pymethods]
impl MessageAssembler {
    #[new]
    #[pyo3(signature = (protocol, *, name = None))]
    fn new(py: Python<'_>, protocol: &Bound<'_, PyAny>, name: Option<&str>) -> PyResult<Self> {
        let compiled = protocol_of(py, protocol)?;
        let (layout, index) = layout(&compiled, name)?;
        let assembler = framing::MessageAssembler::new(&layout);
        Ok(Self {
            compiled,
            layout,
            index,
            assembler,
        })
    }

    /// Takes the next frame of the stream; returns the message that it completes, or None. A fault, a gap or a frame of
    /// another type in the middle of a message ends it.
    fn frame(&mut self, py: Python<'_>, frame: &Bound<'_, Frame>) -> Option<Message> {
        let message = self.assembler.frame(&frame.get().as_framing(py))?;
        Some(Message::received(py, self, message))
    }
}
