//! A Wireshark dissector from a protocol's description, as Lua.
//!
//! Knows the description and the frame layouts; prints and reads nothing. The parts that are the same for every protocol
//! are files of Lua in `lua/`, and only those that a protocol needs go into its dissector; its frame types become a Lua
//! table that they work on. Every string of the description passes through [`lua`].
//!
//! The dissector is a post-dissector: Wireshark's TCP passes its payload on in ways that depend on preferences, waits
//! without end for a missing packet, and passes nothing on that it takes for a retransmission. So the dissector reads
//! each packet's TCP payload, reassembles the streams itself (`lua/stream.lua`) and finds frames by the rules of
//! [`crate::framing`]. Written for the Lua API of Wireshark 4.0 (Lua 5.2); nothing newer is used.

mod checksum;
mod fields;
mod kinds;
mod lua;
mod names;

use self::names::Names;
use crate::{
    framing::{Endian, FrameLayout, LengthFormat, Pattern, Resync, Size},
    protocol::Protocol,
};

const HEADER: &str = include_str!("lua/header.lua");
const UINT: &str = include_str!("lua/uint.lua");
const UINT_LE: &str = include_str!("lua/uint_le.lua");
const VARINT: &str = include_str!("lua/varint.lua");
const DIGITS: &str = include_str!("lua/digits.lua");
const MASKED: &str = include_str!("lua/masked.lua");
const SEARCH: &str = include_str!("lua/search.lua");
const JUDGE: &str = include_str!("lua/judge.lua");
const ONE_TYPE: &str = include_str!("lua/one_type.lua");
const SEVERAL_TYPES: &str = include_str!("lua/several_types.lua");
const FOLLOWS: &str = include_str!("lua/follows.lua");
const SHOW: &str = include_str!("lua/show.lua");
const DISSECT: &str = include_str!("lua/dissect.lua");
const STREAM: &str = include_str!("lua/stream.lua");

/// Bits of header and end marker of a frame that identify its protocol on a connection whose port is not known.
const PROOF_BITS: u32 = 24;

/// The text of the dissector: Lua for `-X lua_script:`, or for the folder of personal plugins.
///
/// Its protocol is named `df_` and the description's name, which no dissector of Wireshark has.
pub fn dissector(protocol: &Protocol) -> String {
    let id = id(&protocol.name);
    let needs = Needs::of(protocol);
    let names = Names::of(protocol, &id);
    let mut pieces = vec![
        preamble(protocol, &id, &needs),
        fields::declare(protocol, &names, &id),
    ];
    let optional = [
        (needs.headers, HEADER.to_owned()),
        (needs.big, UINT.to_owned()),
        (needs.little, UINT_LE.to_owned()),
        (needs.varint, VARINT.to_owned()),
        (needs.digits, DIGITS.to_owned()),
        (needs.masked, MASKED.to_owned()),
        (needs.searched, SEARCH.to_owned()),
    ];
    pieces.extend(
        optional
            .into_iter()
            .filter(|(needed, _)| *needed)
            .map(|(_, text)| text),
    );
    pieces.extend(checksum::functions(protocol));
    pieces.push(kinds::table(protocol, &names));
    pieces.push(adapt(JUDGE, &needs));
    let several = protocol.frames.len() > 1;
    if several || needs.checksum {
        pieces.push(adapt(FOLLOWS, &needs));
    }
    pieces.push(adapt(
        if several { SEVERAL_TYPES } else { ONE_TYPE },
        &needs,
    ));
    pieces.push(adapt(SHOW, &needs));
    pieces.push(adapt(STREAM, &needs));
    pieces.push(adapt(DISSECT, &needs));
    pieces.join(
        "
",
    )
}

/// The parts that a protocol's dissector needs.
struct Needs {
    headers: bool,
    big: bool,
    little: bool,
    varint: bool,
    digits: bool,
    masked: bool,
    searched: bool,
    ending: bool,
    checksum: bool,
    segment: bool,
    /// Bits of header and end marker of the frame type that has the fewest.
    proof: u32,
}

impl Needs {
    fn of(protocol: &Protocol) -> Self {
        let frames = &protocol.layout.frames;
        let format = |wanted: fn(&LengthFormat) -> bool| {
            frames
                .iter()
                .any(|frame| matches!(&frame.size, Size::Length(field) if wanted(&field.format)))
        };
        let sum = |endian| {
            let sums = frames.iter().filter_map(|frame| frame.checksum.as_ref());
            sums.map(|sum| sum.endian).any(|other| other == endian)
        };
        let proof = |frame: &FrameLayout| {
            let bits = |header: &Pattern| {
                header
                    .mask
                    .iter()
                    .map(|mask| mask.count_ones())
                    .sum::<u32>()
            };
            frame.headers.iter().map(bits).min().unwrap_or(0) + 8 * frame.end.len() as u32
        };
        Self {
            headers: frames.iter().any(|frame| !frame.headers.is_empty()),
            big: sum(Endian::Big)
                || format(|format| {
                    matches!(
                        format,
                        LengthFormat::Uint {
                            endian: Endian::Big,
                            ..
                        }
                    )
                }),
            little: sum(Endian::Little)
                || format(|format| {
                    matches!(
                        format,
                        LengthFormat::Uint {
                            endian: Endian::Little,
                            ..
                        }
                    )
                }),
            varint: format(|format| matches!(format, LengthFormat::Varint)),
            digits: format(|format| matches!(format, LengthFormat::Ascii { .. })),
            masked: format(|format| {
                matches!(format, LengthFormat::Uint { mask, width, .. }
                    if !kinds::is_low(*mask & (u64::MAX >> (64 - 8 * width))))
            }),
            searched: frames.iter().any(|frame| frame.size == Size::Searched),
            ending: frames.iter().any(|frame| !frame.end.is_empty()),
            checksum: frames.iter().any(|frame| frame.checksum.is_some()),
            segment: protocol.layout.resync == Resync::Segment,
            proof: frames.iter().map(proof).min().unwrap_or(0),
        }
    }
}

/// Removes the lines that a protocol does not need: those that end in `--? feature`. The mark itself is always removed.
fn adapt(piece: &str, needs: &Needs) -> String {
    let wanted = |feature: &str| match feature {
        "header" => needs.headers,
        "ending" => needs.ending,
        "checksum" => needs.checksum,
        "no checksum" => !needs.checksum,
        "segment" => needs.segment,
        "scan" => !needs.segment,
        "guess" => needs.proof >= PROOF_BITS,
        "no guess" => needs.proof < PROOF_BITS,
        _ => true,
    };
    let mut text = String::with_capacity(piece.len());
    for line in piece.lines() {
        let (line, keep) = match line.split_once("--?") {
            Some((line, feature)) => (line.trim_end(), wanted(feature.trim())),
            None => (line, true),
        };
        if keep {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Name of the protocol in display filters.
fn id(name: &str) -> String {
    format!("df_{}", lua::word(name))
}

/// What a dissector cannot do, for its header.
const LIMITS: &str = "\
-- It reassembles the streams itself, so that no preference of TCP changes what it shows: a frame is shown in the packet
-- that completes it, also after packets that are missing and behind those that came late. Without -2, tshark prints a
-- packet before it has seen the next: a frame whose type depends on what follows is then shown as its likeliest type.
-- Not as in deframe: wrong TCP checksums are not considered, and connections are those of tcp.stream.
";

fn preamble(protocol: &Protocol, id: &str, needs: &Needs) -> String {
    let title = match &protocol.description {
        Some(description) => format!("{}: {description}", protocol.name),
        None => protocol.name.clone(),
    };
    let source = match &protocol.source {
        Some(source) => format!("--\n-- Source: {}\n", lua::comment(source)),
        None => String::new(),
    };
    let ports: Vec<String> = protocol.ports.iter().map(u16::to_string).collect();
    let where_ = match (ports.is_empty(), needs.proof >= PROOF_BITS) {
        (false, _) => {
            "These ports are set; others: -o ID.ports:9000,9100-9110, or Edit > Preferences > Protocols."
        }
        (true, true) => {
            "No port is set: every connection is tried. -o ID.ports:9000 restricts it to ports."
        }
        (true, false) => {
            "No port is set, and a header is too short to find the protocol without: set -o ID.ports:9000."
        }
    };
    format!(
        "-- {title}\n{source}--\n\
         -- A dissector for Wireshark and tshark, made by deframe from the protocol's description.\n\
         -- Copy it to the folder of personal Lua plugins (Help > About Wireshark > Folders), or try it with\n\
         --   tshark -2 -X lua_script:{id}.lua -r capture.pcap -Y {id}\n\
         -- {where_}\n\
         {LIMITS}\n\
         local proto = Proto({name}, {long})\n\
         local column = {column}\n\n\
         proto.prefs.ports = Pref.range(\"TCP ports\", {ports}, \"Ports on which devices speak this protocol\", 65535)\n",
        title = lua::comment(&title),
        where_ = where_.replace("ID", id),
        name = lua::text(id),
        long = lua::text(&format!("{title} (deframe)")),
        column = lua::text(&protocol.name.to_uppercase()),
        ports = lua::text(&ports.join(",")),
    )
}
