//! A place in a request, and what may be there.

use serde_json::{Map, Value};

use crate::mock::respond::ApiFault;
use crate::mock::respond::difference::cut;

pub(super) type Checked = Result<(), ApiFault>;

pub(super) type Object = Map<String, Value>;

/// Where in a request something stands, such as `messages[1]`.
#[derive(Clone, Copy)]
pub(super) struct Place<'a>(pub &'a str);

impl Place<'_> {
    pub fn name(self, key: &str) -> String {
        if self.0.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.0)
        }
    }

    pub fn required<'v>(self, object: &'v Object, key: &str) -> Result<&'v Value, ApiFault> {
        object.get(key).ok_or_else(|| {
            let param = self.name(key);
            let message = format!("missing field `{param}`: the API requires it");
            fault(message, Some(param), "missing_required_parameter")
        })
    }

    /// The value of a key, if it is there and not null.
    pub fn optional<'v>(self, object: &'v Object, key: &str) -> Option<&'v Value> {
        object.get(key).filter(|value| !value.is_null())
    }

    pub fn string(self, object: &Object, key: &str) -> Checked {
        match self.optional(object, key) {
            Some(value) if !value.is_string() => Err(self.wrong_type(key, "a string", value)),
            _ => Ok(()),
        }
    }

    pub fn required_string<'v>(self, object: &'v Object, key: &str) -> Result<&'v str, ApiFault> {
        let value = self.required(object, key)?;
        value
            .as_str()
            .ok_or_else(|| self.wrong_type(key, "a string", value))
    }

    pub fn boolean(self, object: &Object, key: &str) -> Checked {
        match self.optional(object, key) {
            Some(value) if !value.is_boolean() => Err(self.wrong_type(key, "true or false", value)),
            _ => Ok(()),
        }
    }

    pub fn object<'v>(self, object: &'v Object, key: &str) -> Result<Option<&'v Object>, ApiFault> {
        let Some(value) = self.optional(object, key) else {
            return Ok(None);
        };
        let found = value.as_object();
        found
            .map(Some)
            .ok_or_else(|| self.wrong_type(key, "an object", value))
    }

    pub fn list<'v>(self, object: &'v Object, key: &str) -> Result<&'v [Value], ApiFault> {
        match self.optional(object, key) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(value) => Err(self.wrong_type(key, "a list", value)),
        }
    }

    pub fn number(self, object: &Object, key: &str, least: f64, most: f64) -> Checked {
        let Some(value) = self.optional(object, key) else {
            return Ok(());
        };
        let Some(number) = value.as_f64() else {
            return Err(self.wrong_type(key, "a number", value));
        };
        if (least..=most).contains(&number) {
            return Ok(());
        }
        let wanted = format!("must be from {least} to {most}");
        Err(self.wrong_value(key, &wanted, value))
    }

    pub fn integer(self, object: &Object, key: &str, least: i64, most: i64) -> Checked {
        let Some(value) = self.optional(object, key) else {
            return Ok(());
        };
        let Value::Number(number) = value else {
            return Err(self.wrong_type(key, "a whole number", value));
        };
        if number.is_f64() {
            return Err(self.wrong_type(key, "a whole number", value));
        }
        if number
            .as_i64()
            .is_some_and(|number| (least..=most).contains(&number))
        {
            return Ok(());
        }
        let wanted = if most == i64::MAX {
            format!("must be at least {least}")
        } else {
            format!("must be from {least} to {most}")
        };
        Err(self.wrong_value(key, &wanted, value))
    }

    /// A string that must be one of a few.
    pub fn one_of(self, object: &Object, key: &str, values: &[&str]) -> Checked {
        match self.optional(object, key) {
            None => Ok(()),
            Some(Value::String(text)) if values.contains(&text.as_str()) => Ok(()),
            Some(value @ Value::String(_)) => Err(self.not_one_of(key, values, value)),
            Some(value) => Err(self.wrong_type(key, "a string", value)),
        }
    }

    pub fn not_one_of(self, key: &str, values: &[&str], value: &Value) -> ApiFault {
        self.wrong_value(key, &format!("must be one of {}", values.join(", ")), value)
    }

    pub fn wrong_type(self, key: &str, wanted: &str, value: &Value) -> ApiFault {
        let param = self.name(key);
        let message = format!("`{param}` must be {wanted}, not {}", kind(value));
        fault(message, Some(param), "invalid_type")
    }

    pub fn wrong_value(self, key: &str, wanted: &str, value: &Value) -> ApiFault {
        let param = self.name(key);
        let message = format!("`{param}` {wanted}, not {}", cut(&value.to_string()));
        fault(message, Some(param), "invalid_value")
    }
}

/// An entry of a list, which must be an object.
pub(super) fn entry<'v>(
    list: &str,
    index: usize,
    value: &'v Value,
) -> Result<(String, &'v Object), ApiFault> {
    let name = format!("{list}[{index}]");
    match value {
        Value::Object(object) => Ok((name, object)),
        other => {
            let message = format!("`{name}` must be an object, not {}", kind(other));
            Err(fault(message, Some(name), "invalid_type"))
        }
    }
}

/// A parameter of the other API, and what takes its place here.
pub(super) fn refuse_others(request: &Object, others: &[(&str, &str)]) -> Checked {
    for (key, instead) in others {
        if request.contains_key(*key) {
            let message = format!("unknown parameter `{key}`: this API has {instead}");
            return Err(fault(message, Some((*key).to_owned()), "unknown_parameter"));
        }
    }
    Ok(())
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

pub(super) fn fault(message: String, param: Option<String>, code: &'static str) -> ApiFault {
    ApiFault {
        status: 400,
        message,
        param: param.map(Into::into),
        code: Some(code),
    }
}
