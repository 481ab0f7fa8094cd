//! The descriptions that are built in.

/// A description of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of the protocol, the same as in its text.
    pub name: &'static str,
    /// The TOML text.
    pub text: &'static str,
}

/// One line a protocol: its name is that of its file.
macro_rules! library {
    ($($name:literal)*) => {
        &[$(Entry { name: $name, text: include_str!(concat!("library/", $name, ".toml")) }),*]
    };
}

/// The device protocol first, then the rest.
const LIBRARY: &[Entry] = library! {
    "fd"
    "modbus" "dnp3" "iec104" "tpkt" "enip" "c37118" "mqtt" "opcua" "hartip" "fins" "ams" "doip" "hislip" "skinny"
    "dicom" "dns" "diameter" "bgp" "amqp" "mysql" "hl7" "kismet" "irc" "redis"
    "melsoft" "genisys" "rocplus" "dlms" "dlms-hdlc" "fox" "zabbix" "knxnet" "slmp" "syslog" "rfc6587"
    "line" "netstring" "int8" "int16" "int32"
};

/// A description to start from: every key that most devices need, with a word on each.
pub const STARTER: &str = include_str!("library/starter.toml");

/// The protocols that are built in, the device protocol first, with their texts.
pub fn library() -> impl ExactSizeIterator<Item = Entry> {
    LIBRARY.iter().copied()
}
