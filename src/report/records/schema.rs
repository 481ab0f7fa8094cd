//! The JSON schemas of the tables in `docs/schema`, and their columns in `docs/COLUMNS.md`, come from the tables.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

use super::{
    column::{Kind, Table},
    tables::{Conflicts, Faults, Frames, Gaps, Streams},
};

const MAX_EXACT: u64 = 1 << 53;

fn shape(kind: Kind, schema: &str) -> Value {
    let count = json!({"type": "integer", "minimum": 0, "maximum": MAX_EXACT});
    match kind {
        Kind::Schema => json!({"const": schema}),
        Kind::Name(names) => json!({"enum": names}),
        Kind::Text => json!({"type": "string"}),
        Kind::Count => count,
        Kind::Signed => {
            json!({"type": "integer", "minimum": -(MAX_EXACT as i64), "maximum": MAX_EXACT})
        }
        Kind::Port => json!({"type": "integer", "minimum": 0, "maximum": 65_535}),
        Kind::Nanoseconds => json!({"type": "integer", "minimum": 0, "maximum": 999_999_999}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Time => {
            json!({"type": "string", "pattern": r"^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$"})
        }
        Kind::Hex => json!({"type": "string", "pattern": "^([0-9a-f]{2})*$"}),
        Kind::Bytes => json!({"type": "string"}),
        Kind::Sha256 => json!({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
        Kind::Places => json!({"type": "array", "items": count}),
        Kind::Ranges => {
            json!({"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": count}})
        }
        Kind::Flags => json!({"type": "array", "items": {"type": "string"}}),
        Kind::Fields => {
            json!({"type": "object", "additionalProperties": {"type": ["number", "string", "null"]}})
        }
    }
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Schema | Kind::Name(_) | Kind::Text => "text",
        Kind::Count | Kind::Signed | Kind::Port => "whole number",
        Kind::Nanoseconds => "whole number, nanoseconds",
        Kind::Bool => "true or false",
        Kind::Time => "text, RFC 3339",
        Kind::Hex => "text, hex",
        Kind::Bytes => "text, hex or base64",
        Kind::Sha256 => "text, 64 hex digits",
        Kind::Places => "list of whole numbers",
        Kind::Ranges => "list of pairs: offset, length",
        Kind::Flags => "list of texts",
        Kind::Fields => "object; in CSV a column `field.NAME` for each",
    }
}

fn record<T: Table>() -> Map<String, Value> {
    let names: Vec<&str> = T::COLUMNS.iter().map(|column| column.name).collect();
    let mut properties = Map::new();
    for column in T::COLUMNS {
        let mut value = shape(column.kind, T::SCHEMA);
        if column.nullable {
            value = json!({"anyOf": [value, {"type": "null"}]});
        }
        if !column.about.is_empty() {
            value["description"] = column.about.into();
        }
        properties.insert(column.name.to_owned(), value);
    }
    let record = json!({
        "description": T::ABOUT,
        "type": "object",
        "additionalProperties": false,
        "required": names,
        "properties": properties,
    });
    match record {
        Value::Object(record) => record,
        _ => unreachable!("made as an object"),
    }
}

fn with_title(title: &str, mut record: Map<String, Value>) -> Value {
    record.insert(
        "$schema".into(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    record.insert("title".into(), title.into());
    record.into()
}

fn document(title: &str, about: &str, key: &str, items: Value) -> Value {
    let record = json!({
        "description": about,
        "type": "object",
        "additionalProperties": false,
        "required": ["schema", key],
        "properties": {"schema": {"const": title}, key: {"type": "array", "items": items}},
    });
    match record {
        Value::Object(record) => with_title(title, record),
        _ => unreachable!("made as an object"),
    }
}

fn is_as_described(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    if std::env::var_os("DEFRAME_BLESS").is_some_and(|bless| bless == "1") {
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/{name} is not what the tables say: run this test with DEFRAME_BLESS=1"
    );
}

#[test]
fn schemas_come_from_the_tables() {
    let errors = json!({"anyOf": [record::<Faults>(), record::<Gaps>(), record::<Conflicts>()]});
    for (name, schema) in [
        ("frame", with_title(Frames::SCHEMA, record::<Frames>())),
        ("fault", with_title(Faults::SCHEMA, record::<Faults>())),
        (
            "conflict",
            with_title(Conflicts::SCHEMA, record::<Conflicts>()),
        ),
        ("gap", with_title(Gaps::SCHEMA, record::<Gaps>())),
        ("stream", with_title(Streams::SCHEMA, record::<Streams>())),
        (
            "frames",
            document(
                "deframe.frames/1",
                "The document of `export --format json`.",
                "frames",
                record::<Frames>().into(),
            ),
        ),
        (
            "streams",
            document(
                "deframe.streams/1",
                "The document of `streams --format json`.",
                "streams",
                record::<Streams>().into(),
            ),
        ),
        (
            "errors",
            document(
                "deframe.errors/1",
                "The document of `errors --format json`.",
                "errors",
                errors,
            ),
        ),
    ] {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        is_as_described(&format!("schema/{name}.json"), &text);
    }
}

fn list<T: Table>(text: &mut String) {
    *text += &format!(
        "\n## `{}`\n\n{}\n\n| column | type | null | |\n|---|---|---|---|\n",
        T::SCHEMA,
        T::ABOUT
    );
    for column in T::COLUMNS {
        let null = if column.nullable { "yes" } else { "" };
        *text += &format!(
            "| `{}` | {} | {null} | {} |\n",
            column.name,
            words(column.kind),
            column.about
        );
    }
}

#[test]
fn the_columns_are_documented() {
    let mut text = "# Columns of records\n\nMade from the tables in `src/report/records/tables.rs`.\n\n\
        In CSV null is an empty field, lists have blanks between their items, `gaps` are `offset+length`, and control\n\
        characters are escaped as `\\u{1b}`. A field is exact: a text that begins with `=`, `+`, `-` or `@` stays as it is,\n\
        unless `--csv-safe` marks it with an apostrophe for a spreadsheet. Numbers of fields above 2^53 are texts in JSON\n\
        and exact in CSV.\n"
        .to_owned();
    list::<Frames>(&mut text);
    list::<Faults>(&mut text);
    list::<Gaps>(&mut text);
    list::<Conflicts>(&mut text);
    list::<Streams>(&mut text);
    is_as_described("COLUMNS.md", &text);
}
