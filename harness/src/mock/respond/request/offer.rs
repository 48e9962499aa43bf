//! The tools that a client offers to the model, read from their JSON schemas.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::mock::respond::text::Text;

/// The tools that the client offers to the model.
#[derive(Debug)]
pub(in crate::mock::respond) enum Offer<'a> {
    /// The same text as one that was found right before.
    Known,
    Read {
        /// As it came; `None` where it is not compared.
        text: Option<&'a str>,
        tools: Vec<OfferedTool<'a>>,
    },
}

/// A tool that the client offers to the model.
#[derive(Debug)]
pub(in crate::mock::respond) struct OfferedTool<'a> {
    pub name: Text<'a>,
    pub description: Option<Text<'a>>,
    pub arguments: Vec<OfferedArgument<'a>>,
}

/// A property of a tool's parameters.
#[derive(Debug)]
pub(in crate::mock::respond) struct OfferedArgument<'a> {
    name: Text<'a>,
    pub description: Option<Text<'a>>,
    /// What its schema allows: a text, and nothing.
    allows: [bool; 2],
}

impl<'a> OfferedTool<'a> {
    /// The names of the arguments that may be a text, and of the others that may be null.
    pub fn texts_and_nulls(&self) -> [impl Iterator<Item = &str>; 2] {
        let of = |wanted: [bool; 2]| {
            let given = self.arguments.iter();
            given.filter_map(move |given| {
                let [text, null] = given.allows;
                ([text, null && !text] == wanted).then_some(&*given.name)
            })
        };
        [of([true, false]), of([false, true])]
    }

    /// The names of its arguments.
    pub fn argument_names(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(|given| &*given.name)
    }

    /// The argument of this name.
    pub fn argument(&self, name: &str) -> Option<&OfferedArgument<'a>> {
        self.arguments.iter().find(|given| &*given.name == name)
    }
}

#[derive(Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    parameters: Option<Parameters<'a>>,
}

#[derive(Deserialize)]
struct Parameters<'a> {
    #[serde(borrow)]
    properties: Option<Properties<'a>>,
}

impl<'a> Function<'a> {
    /// None for the API's built-in tools, which have no name of their own.
    pub fn into_offered(self) -> Option<OfferedTool<'a>> {
        let properties = self.parameters.and_then(|parameters| parameters.properties);
        Some(OfferedTool {
            name: self.name?,
            description: self.description,
            arguments: properties.map(|list| list.0).unwrap_or_default(),
        })
    }
}

/// The properties of a JSON schema.
struct Properties<'a>(Vec<OfferedArgument<'a>>);

/// The part of a property's schema that matters here.
#[derive(Deserialize)]
struct Property<'a> {
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
}

impl Property<'_> {
    /// Whether it may be a text, and null; a schema without a type may be anything.
    fn allows(&self) -> [bool; 2] {
        let has = |word| self.kind.is_none_or(|kind| kind.get().contains(word));
        [has("\"string\""), has("\"null\"")]
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Properties<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Properties<'a>, D::Error> {
        struct PropertiesVisitor;

        impl<'de> Visitor<'de> for PropertiesVisitor {
            type Value = Properties<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut properties = Vec::new();
                while let Some((name, schema)) = map.next_entry::<_, &'de RawValue>()? {
                    // A schema may be `true`, which describes nothing.
                    let schema = serde_json::from_str::<Property>(schema.get()).ok();
                    properties.push(OfferedArgument {
                        name,
                        allows: schema.as_ref().map_or([true, true], Property::allows),
                        description: schema.and_then(|schema| schema.description),
                    });
                }
                Ok(Properties(properties))
            }
        }

        deserializer.deserialize_map(PropertiesVisitor)
    }
}
