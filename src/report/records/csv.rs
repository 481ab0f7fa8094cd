//! Records as lines of CSV: any flat record, its keys as columns.

use serde::Serialize;
use serde_json::Value;

use crate::report::text::Escaped;

/// The values of a flat record as text, in their order: nothing for null, lists with blanks between.
pub fn cells(record: &impl Serialize, columns: &[&str], line: &mut Vec<String>) {
    let Ok(Value::Object(values)) = serde_json::to_value(record) else {
        return;
    };
    line.extend(
        columns
            .iter()
            .map(|column| values.get(*column).map_or(String::new(), text)),
    );
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => Escaped(text).to_string(),
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => {
            let pair = |(name, value): (&String, &Value)| format!("{name}={}", text(value));
            fields.iter().map(pair).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
