//! The order in which the captures of one command are read: by the time of their first packet.
//!
//! Reads the first record of each file, opens one at a time and closes it again.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use super::{
    CaptureInfo, ReadConfig,
    input::Input,
    source::{Opening, Source},
};

/// A capture that is not opened yet.
pub(super) struct Waiting {
    pub(super) input: Input,
    /// Its position among the captures given.
    pub(super) given: u32,
    /// Time of its first packet in nanoseconds, if the captures are ordered by it.
    pub(super) first_time: i64,
}

/// What the first record of a file says about its place.
enum First {
    At(i64),
    /// A packet without a time: pcapng simple packets.
    NoTime,
    /// No packets, or no capture.
    Nothing,
}

/// The captures in the order to read them, and whether that is by time: it is not if one of them is no regular file or
/// has no times.
pub(super) fn arrange(
    waiting: VecDeque<Waiting>,
    config: &ReadConfig,
) -> (VecDeque<Waiting>, bool) {
    let mut times = Vec::with_capacity(waiting.len());
    let mut before = i64::MIN;
    for capture in &waiting {
        let Input::Path(path) = &capture.input else {
            return (waiting, false);
        };
        if path.exists() && capture.input.size().is_none() && !path.is_dir() {
            return (waiting, false);
        }
        before = match first(path.clone(), config) {
            First::At(time) => time,
            First::NoTime => return (waiting, false),
            // Stays behind the capture that it was given behind.
            First::Nothing => before,
        };
        times.push(before);
    }
    let mut ordered: Vec<_> = waiting.into();
    for (capture, time) in ordered.iter_mut().zip(times) {
        capture.first_time = time;
    }
    ordered.sort_by_key(|capture| capture.first_time);
    (ordered.into(), true)
}

fn first(path: PathBuf, config: &ReadConfig) -> First {
    let opening = Opening {
        config,
        bytes_read: Arc::default(),
        follow: None,
        whole: false,
    };
    let mut info = CaptureInfo::default();
    let Ok(Some(mut source)) = Source::open(Input::Path(path), opening, &mut info) else {
        return First::Nothing;
    };
    while source.load(&mut info, 1) {
        match source.record.take() {
            Some(record) if record.is_packet => {
                return record
                    .time
                    .map_or(First::NoTime, |time| First::At(time.nanos()));
            }
            _ => {}
        }
    }
    First::Nothing
}
