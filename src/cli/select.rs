//! From what was typed to what is selected.

use std::net::IpAddr;

use deframe::{
    capture::Time,
    pipeline::{HostFilter, Moment, Selection},
};

use super::{exit::Failure, input::Input};

pub fn selection(input: &Input, ports: &[u16]) -> Result<Selection, Failure> {
    let selection = Selection {
        ports: if input.port.is_empty() {
            ports.to_vec()
        } else {
            input.port.clone()
        },
        hosts: input
            .host
            .iter()
            .map(|text| host(text))
            .collect::<Result<_, _>>()?,
        connections: input.connection.clone(),
        from: input
            .from
            .as_deref()
            .map(|text| moment("--from", text))
            .transpose()?,
        to: input
            .to
            .as_deref()
            .map(|text| moment("--to", text))
            .transpose()?,
    };
    let empty = match (selection.from, selection.to) {
        (Some(Moment::At(from)), Some(Moment::At(to))) => from >= to,
        (Some(Moment::Since(from)), Some(Moment::Since(to))) => from >= to,
        _ => false,
    };
    if empty && let (Some(from), Some(to)) = (&input.from, &input.to) {
        return Err(Failure(format!(
            "--from {from} is not before --to {to}: nothing would be selected"
        )));
    }
    Ok(selection)
}

fn host(text: &str) -> Result<HostFilter, Failure> {
    let (addr, prefix) = match text.split_once('/') {
        Some((addr, prefix)) => (addr, Some(prefix)),
        None => (text, None),
    };
    let parsed = || {
        let addr: IpAddr = addr.parse().ok()?;
        let prefix = prefix
            .map(|bits| bits.parse::<u8>().ok())
            .map_or(Some(None), |bits| bits.map(Some))?;
        HostFilter::new(addr, prefix)
    };
    parsed().ok_or_else(|| {
        Failure(format!(
            "--host {text}: not an IP address or network; write 10.0.0.2, 10.0.0.0/8 or fd00::/64"
        ))
    })
}

fn moment(option: &str, text: &str) -> Result<Moment, Failure> {
    let parsed = || {
        if let Some(seconds) = text.strip_prefix('+') {
            return Some(Moment::Since(nanos(seconds)?));
        }
        if let Some(nanos) = nanos(text) {
            return Some(Moment::At(Time::from_nanos(nanos)));
        }
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(Moment::At(Time::from_nanos_clamped(time.as_nanosecond())))
    };
    parsed().ok_or_else(|| {
        Failure(format!(
            "{option} {text}: not a time; write 2026-11-22T10:00:00Z, seconds since 1970 (1700000000.5), or +SECONDS after \
             the first packet"
        ))
    })
}

/// Decimal seconds as nanoseconds, exactly.
fn nanos(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit()) || fraction.len() > 9 {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<9}").parse().ok()?;
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(1_000_000_000)?
        .checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (text, want) in [
            ("+1.5", Some(Moment::Since(1_500_000_000))),
            (
                "1700000000",
                Some(Moment::At(Time::from_nanos(1_700_000_000_000_000_000))),
            ),
            (
                "2023-11-14T22:13:20Z",
                Some(Moment::At(Time::from_nanos(1_700_000_000_000_000_000))),
            ),
            (
                "2023-11-14T23:13:20.5+01:00",
                Some(Moment::At(Time::from_nanos(1_700_000_000_500_000_000))),
            ),
            ("yesterday", None),
            ("", None),
            ("+", None),
            ("1.0000000001", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(moment("--from", text).ok(), want, "{text}");
        }
    }

    #[test]
    fn hosts() {
        for (text, fine) in [
            ("10.0.0.1", true),
            ("10.0.0.0/8", true),
            ("fe80::/10", true),
            ("10.0.0.0/33", false),
            ("10.0.0.0/", false),
            ("host", false),
        ] {
            assert_eq!(host(text).is_ok(), fine, "{text}");
        }
    }
}
