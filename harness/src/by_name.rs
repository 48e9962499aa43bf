//! Refuses arrays where a struct's keys belong. A derived deserializer would accept one, and take its values in the order
//! in which the fields happen to stand in the code.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// Reads a value whose structs must all be written with their keys.
///
/// # Errors
///
/// The deserializer's own, and an array where the keys of a struct belong.
pub(crate) fn read<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::deserialize(ByName(deserializer))
}

/// A deserializer, or the seed of a value inside it.
struct ByName<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ByName<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Inside::of(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(Inside::of(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Inside::of(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let inside = Inside {
            visitor,
            fields: Some(fields),
        };
        self.0.deserialize_struct(name, fields, inside)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Inside::of(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for ByName<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(ByName(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(ByName(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(ByName(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

/// A visitor, and the fields of the struct that it builds, if it builds one.
struct Inside<V> {
    visitor: V,
    fields: Option<&'static [&'static str]>,
}

impl<V> Inside<V> {
    fn of(visitor: V) -> Inside<V> {
        Inside {
            visitor,
            fields: None,
        }
    }
}

/// Methods that pass a plain value on.
macro_rules! hand_on {
    ($($method:ident: $value:ty),* $(,)?) => {
        $(fn $method<E: Error>(self, value: $value) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Inside<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    hand_on! {
        visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128, visit_f64: f64,
        visit_str: &str, visit_borrowed_str: &'de str, visit_string: String,
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(ByName(some))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(ByName(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        let Some(fields) = self.fields else {
            return self.visitor.visit_seq(ByName(seq));
        };
        let fields = fields.join("`, `");
        Err(A::Error::custom(format!(
            "`{fields}` must be given by name, not an array of their values"
        )))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(ByName(map))
    }

    // In the files that people write, enums are plain words, so they need no check.
    fn visit_enum<A: EnumAccess<'de>>(self, word: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(word)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::framework::Framework;
    use crate::scenario::Scenario;

    const KEYS: &str = r#"name = "toy"
label = "toy (Rust)"
language = "rust"
kind = "framework"
upstream = "https://example.org/toy"
idiom = "https://example.org/toy/docs"
"#;

    /// A manifest of these tables.
    fn manifest(tables: &str) -> Result<Framework, String> {
        let path = Path::new("/rows/toy/framework.toml");
        Framework::from_text(path, format!("{KEYS}{tables}")).map_err(|error| error.to_string())
    }

    /// The seed's scenario with other text or papers.
    fn load(text: &str, papers: &str) -> Result<Scenario, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seed.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::write(folder.path().join("seed.papers.json"), papers).unwrap();
        Scenario::load(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn an_array_of_its_values_is_no_table_of_a_manifest() {
        let sections = [
            (
                "[version]\nargv = [\"toy\", \"--version\"]\n",
                "version = [[\"toy\", \"--version\"]]\n",
                "`argv`",
            ),
            (
                "[run]\nargv = [\"{dir}/toy\"]\n",
                "run = [[\"{dir}/toy\"], {}]\n",
                "`argv`, `env`",
            ),
            (
                "[[requires]]\ncommand = \"make\"\nversion = \"4\"\nget = \"install make\"\n",
                "requires = [[\"make\", \"4\", \"install make\"]]\n",
                "`command`, `version`, `get`",
            ),
            (
                "[[variant]]\nname = \"default\"\napi = \"responses\"\n",
                "variant = [[\"default\", \"responses\"]]\n",
                "`name`, `api`, `argv`, `env`, `jdk`, `note`, `leaves-out`, `adds-to`",
            ),
            (
                "[features]\nstreaming = true\nparallel-tools = false\n",
                "features = [true, false]\n",
                "`streaming`, `parallel-tools`",
            ),
        ];
        let tables = sections.map(|(table, _, _)| table);
        assert!(manifest(&tables.concat()).is_ok());
        for (place, (table, array, named)) in sections.iter().enumerate() {
            let mut others = tables.to_vec();
            assert_eq!(others.remove(place), *table);
            let error = manifest(&format!("{array}{}", others.concat())).unwrap_err();
            let wanted = format!(
                "/rows/toy/framework.toml:7: {named} must be given by name, not an array of their values"
            );
            assert_eq!(error, wanted, "{array}");
        }
    }

    #[test]
    fn an_array_of_its_values_is_no_table_of_a_scenario() {
        let seed = std::fs::read_to_string("../scenarios/seed.toml").unwrap();
        let (before, turns) = seed.split_at(seed.find("[[turn]]").unwrap());
        let first = turns.split_inclusive("[[turn.call]]\n").next().unwrap();
        let cases = [
            (
                format!("stream = [16, 0]\n{seed}"),
                "seed.toml:1: `chunk-chars`, `chunk-interval-ms` must be given by name",
            ),
            (
                format!("turn = [[20, \"an answer\", []]]\n{before}"),
                "seed.toml:1: `latency-ms`, `repeat`, `handoff`, `text`, `call` must be given by name",
            ),
            (
                seed.replacen(
                    first,
                    "[[turn]]\ncall = [[\"x\", \"word_count\", { text = \"x\" }]]\n[x]\n",
                    1,
                ),
                "`id`, `tool`, `arguments`, `wrong` must be given by name",
            ),
        ];
        let papers = std::fs::read_to_string("../scenarios/seed.papers.json").unwrap();
        for (text, message) in cases {
            let error = load(&text, &papers).unwrap_err();
            assert!(error.contains(message), "{text}\n{error}");
        }
        let corpora = [
            ("[[]]", "seed.papers.json:1: `papers` must be given by name"),
            (
                r#"{"papers":
                    [["p1", "A title", ["An author"], 2015, "An abstract"]]}"#,
                "seed.papers.json:2: `id`, `title`, `authors`, `year`, `abstract` must be given by name",
            ),
        ];
        for (papers, message) in corpora {
            let error = load(&seed, papers).unwrap_err();
            assert!(error.contains(message), "{papers}\n{error}");
        }
    }
}
