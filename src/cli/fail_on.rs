//! `--fail-on`: which findings make the exit status 1.

use deframe::diagnosis::{Cause, Culprit, Finding, Severity};

/// One value of the option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// No finding.
    Never,
    /// Every finding about this culprit.
    Culprit(Culprit),
    /// Findings of this cause.
    Cause(Cause),
}

/// `never`, `network`, `network.loss`.
pub fn parse(text: &str) -> Result<FailOn, String> {
    if text == "never" {
        return Ok(FailOn::Never);
    }
    let full = |cause: &Cause| format!("{}.{}", cause.culprit().name(), cause.name());
    let mut causes = Cause::ALL.iter().copied();
    let found = match text.contains('.') {
        true => causes.find(|cause| full(cause) == text).map(FailOn::Cause),
        false => causes
            .find(|cause| cause.culprit().name() == text)
            .map(|cause| FailOn::Culprit(cause.culprit())),
    };
    found.ok_or_else(|| {
        let culprit = text.split('.').next().unwrap_or_default();
        let of_it = |cause: &&Cause| cause.culprit().name() == culprit;
        let names: Vec<String> = match Cause::ALL.iter().any(|cause| of_it(&cause)) {
            true => Cause::ALL.iter().filter(of_it).map(full).collect(),
            false => [
                "device", "server", "network", "capture", "settings", "never",
            ]
            .map(str::to_owned)
            .into(),
        };
        format!("expected one of {}", names.join(", "))
    })
}

/// Whether the exit status is 1: by default with a finding of severity fault, or where no frame was found.
pub fn fails(options: &[FailOn], findings: &[Finding], frames: u64) -> bool {
    if options.is_empty() {
        return frames == 0
            || findings
                .iter()
                .any(|found| found.severity == Severity::Fault);
    }
    let selected = |cause: Cause| {
        options.iter().any(|option| match option {
            FailOn::Never => false,
            FailOn::Culprit(culprit) => cause.culprit() == *culprit,
            FailOn::Cause(one) => cause == *one,
        })
    };
    findings.iter().any(|found| selected(found.cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (text, want) in [
            ("never", Some(FailOn::Never)),
            ("network", Some(FailOn::Culprit(Culprit::Network))),
            ("network.loss", Some(FailOn::Cause(Cause::Loss))),
            (
                "device.no_answer",
                Some(FailOn::Cause(Cause::DeviceNoAnswer)),
            ),
            (
                "server.no_answer",
                Some(FailOn::Cause(Cause::ServerNoAnswer)),
            ),
            ("loss", None),
            ("network.losses", None),
            ("", None),
        ] {
            assert_eq!(parse(text).ok(), want, "{text}");
        }
        let error = parse("network.losses").unwrap_err();
        assert!(
            error.contains("network.loss, network.reordering"),
            "{error}"
        );
    }
}
