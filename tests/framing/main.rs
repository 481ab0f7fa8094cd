//! The framer from outside: every name, every cut, and a stupid model.

mod cuts;
mod model;
mod names;
mod shapes;
mod support;
