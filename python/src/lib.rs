//! The Python module of deframe: the same descriptions and the same frame parser that the program runs over captures.
//!
//! Knows `deframe::protocol` and `deframe::framing` and how Python holds bytes. What can be said in Python (Twisted,
//! asyncio) stands beside it in Python.

use pyo3::{create_exception, exceptions::PyValueError, prelude::*};

mod events;
mod framer;
mod message;
mod protocol;

create_exception!(
    deframe,
    DescriptionError,
    PyValueError,
    "A protocol description that cannot be used; the text says where and what to do."
);
create_exception!(
    deframe,
    EncodeError,
    PyValueError,
    "A payload that does not fit its frame type."
);
create_exception!(
    deframe,
    DecodeError,
    PyValueError,
    "Bytes that are not the frame or the message that they should be."
);

#[pymodule]
fn _deframe(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("DescriptionError", py.get_type::<DescriptionError>())?;
    module.add("EncodeError", py.get_type::<EncodeError>())?;
    module.add("DecodeError", py.get_type::<DecodeError>())?;
    module.add_class::<protocol::Protocol>()?;
    module.add_class::<framer::Framer>()?;
    module.add_class::<message::Message>()?;
    module.add_class::<message::MessageAssembler>()?;
    module.add_class::<events::Frame>()?;
    module.add_class::<events::Fault>()?;
    module.add_class::<events::Skip>()?;
    module.add_class::<framer::Pending>()
}
