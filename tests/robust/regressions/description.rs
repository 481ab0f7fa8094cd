//! Any text as a description: it is refused with a place, or it becomes a frame table whose framer accounts for every
//! byte, and a dissector whose Lua holds no text of the description outside of quotes and comments.
//!
//! With `DEFRAME_LUAC=luac`, the Lua compiler must accept the dissector too.
//!
//! Input: the text of a description, and behind the first zero byte the bytes of a stream.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::Write,
    process::{Command, Stdio},
    sync::{Arc, LazyLock},
};

use deframe::{
    framing::{Event, FrameTable, Framer, StreamEnd, StreamStart},
    protocol::Protocol,
    wireshark,
};

/// The Lua compiler, if `DEFRAME_LUAC` names it: a process for each input makes a fuzzer slow.
static LUAC: LazyLock<Option<OsString>> = LazyLock::new(|| env::var_os("DEFRAME_LUAC"));

fn accept(compiler: &OsStr, lua: &str) {
    let mut child = Command::new(compiler)
        .args(["-p", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("DEFRAME_LUAC runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(lua.as_bytes()).expect("it reads all");
    drop(stdin);
    assert!(child.wait().expect("it ends").success(), "{lua}");
}

/// Whether each string literal of Lua ends in the line in which it begins.
fn has_whole_literals(line: &str) -> bool {
    let mut chars = line.chars();
    let mut quoted = false;
    let mut last = ' ';
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted => drop(chars.next()),
            '"' => quoted = !quoted,
            '-' if last == '-' && !quoted => return true,
            _ => {}
        }
        last = c;
    }
    !quoted
}

pub fn check(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let stream = parts.next().unwrap_or_default();
    let protocol = match Protocol::parse(&text, "fuzz.toml") {
        Ok(protocol) => protocol,
        Err(error) => return assert!(error.to_string().contains("fuzz.toml"), "{error}"),
    };
    let Ok(table) = FrameTable::new(&protocol.layout) else {
        return;
    };
    let mut framer = Framer::new(Arc::new(table), StreamStart::Known);
    let mut next = 0;
    let mut emit = |event: Event<'_>| {
        let mut add = |offset: u64, length: u64| {
            assert_eq!(offset, next, "a byte is in no event, or in two");
            next = offset + length;
        };
        match event {
            Event::Frames(run) => run
                .iter()
                .for_each(|frame| add(frame.offset, frame.bytes.len() as u64)),
            Event::Fault(fault) => add(fault.offset, fault.length),
            Event::Skip(skip) => add(skip.offset, skip.length),
        }
    };
    framer.mark();
    framer.feed(stream, &mut emit);
    framer.finish(StreamEnd::Closed, &mut emit);
    assert_eq!(next, stream.len() as u64);
    let lua = wireshark::dissector(&protocol);
    for line in lua.lines() {
        assert!(has_whole_literals(line), "{line}");
    }
    if let Some(compiler) = LUAC.as_deref() {
        accept(compiler, &lua);
    }
}
