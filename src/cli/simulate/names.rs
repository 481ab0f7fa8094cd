//! The names that options of `deframe simulate` take, and what each stands for.

use clap::ValueEnum;
use deframe::{
    capture::{ByteOrder, Container},
    simulate::{Close, Link, Payload, Profile, Segmentation},
};

/// One enum for what is typed, one for what it stands for.
macro_rules! names {
    ($name:ident => $target:ty { $($(#[doc = $doc:literal])* $variant:ident => $value:expr),* $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub enum $name { $($(#[doc = $doc])* $variant),* }

        impl From<$name> for $target {
            fn from(name: $name) -> Self {
                match name { $($name::$variant => $value),* }
            }
        }
    };
}

names!(ProfileName => Profile {
    /// 1 to 4 frames a segment.
    Field => Profile::Field,
    /// Full segments.
    Mss => Profile::Mss,
    /// 1 to 20 bytes a segment.
    Tiny => Profile::Tiny,
});
names!(PayloadName => Payload {
    Random => Payload::Random,
    Zeros => Payload::Zeros,
    Ascii => Payload::Ascii,
    /// A counter of 32 bits, big-endian.
    Counter => Payload::Counter,
    /// Markers and whole frames inside.
    Adversarial => Payload::Adversarial,
});
names!(SegmentationName => Segmentation {
    /// One frame a segment.
    One => Segmentation::One,
    /// Full segments.
    Mss => Segmentation::Mss,
    /// 1 to 4 frames a segment, aligned to it.
    Coalesced => Segmentation::Coalesced { min: 1, max: 4 },
    /// As Nagle's algorithm does it.
    Nagle => Segmentation::Nagle,
    /// Cuts anywhere.
    Random => Segmentation::Random,
    /// 1 to 20 bytes a segment.
    Tiny => Segmentation::Tiny,
});
names!(CloseName => Close {
    Fin => Close::Fin,
    Rst => Close::Rst,
    /// The capture ends first.
    None => Close::None,
});
names!(FormatName => Container {
    Pcap => Container::Pcap,
    Pcapng => Container::Pcapng,
});
names!(EndianName => ByteOrder {
    Little => ByteOrder::Little,
    Big => ByteOrder::Big,
});
names!(LinkName => Link {
    Ethernet => Link::Ethernet,
    /// Linux cooked, version 1.
    Sll => Link::Sll,
    /// Linux cooked, version 2.
    Sll2 => Link::Sll2,
    /// Bare IP.
    Raw => Link::Raw,
    /// BSD loopback.
    Null => Link::Null,
    /// OpenBSD loopback.
    Loop => Link::Loop,
});
