//! The framer from outside: every name, every cut, a second implementation, the built-in descriptions, and a live server.

#[path = "../support/mod.rs"]
mod support;

mod cuts;
mod live_server;
mod model;
mod names;
mod protocol_ics;
mod protocol_library;
mod script;
mod shapes;
mod work;
