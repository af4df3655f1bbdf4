//! The gate: the only way into a report. It is a serde serializer, so that it sees of every value whether it is a constant of this program
//! (the name of a field, of a variant) or a text that came from somewhere, and no text passes it unscrubbed.
//! What it does not know (maps with keys of their own, bytes, fractions) it refuses, so that a new kind of fact cannot slip through.

use std::{collections::BTreeMap, fmt::Display};

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};

use super::redact::{Redacted, Rule, Scrubber};

/// What has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    Nothing,
    Truth(bool),
    Number(i64),
    /// The name of a variant.
    Constant(&'static str),
    Text(Redacted),
    List(Vec<Tree>),
    /// Names of fields, or of one variant.
    Fields(BTreeMap<&'static str, Tree>),
}

/// Writes `value` through the gate.
pub(super) fn pass(value: &impl Serialize, scrubber: &Scrubber) -> Result<Tree, Refused> {
    value.serialize(Gate { scrubber, rule: Rule::OwnWords })
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_none(),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Constant(name) => serializer.serialize_str(name),
            Self::Text(text) => serializer.serialize_str(text.as_str()),
            Self::List(list) => list.serialize(serializer),
            Self::Fields(fields) => fields.serialize(serializer),
        }
    }
}

/// A kind of value that no report may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// By its kind.
    #[error("{0} may not stand in a report")]
    Kind(&'static str),
    /// Beyond what JSON's readers keep exact (RFC 7493 §2.2).
    #[error("a number is too large for a report")]
    TooLarge,
    /// A type's own serializer gave up; its words are left out.
    #[error("a value cannot be written")]
    Custom,
}

impl ser::Error for Refused {
    fn custom<T: Display>(_message: T) -> Self {
        Self::Custom
    }
}

/// Fields that may hold a name from outside: a product, an adapter, a program, a version. All others keep words of our own only.
const NAMES: &[(&str, &str)] = &[
    ("Adapter", "name"),
    ("Certificate", "issuer"),
    ("Facts", "version"),
    ("Finding", "subject"),
    ("InfoAnswer", "min_client"),
    ("InfoAnswer", "version"),
    ("Leads", "foreign"),
    ("Pc", "filters"),
    ("Product", "name"),
    ("ProfileFacts", "gateway"),
    ("ProfileFacts", "organisation"),
    ("Program", "foreign"),
    ("Report", "version"),
    ("Service", "impostor"),
    ("Service", "version"),
    ("System", "name"),
    ("System", "version"),
];

fn rule_of(type_name: &str, field: &str) -> Rule {
    if NAMES.contains(&(type_name, field)) { Rule::Name } else { Rule::OwnWords }
}

/// RFC 7493 §2.2: beyond 2^53 - 1 readers round.
fn number(value: impl TryInto<i64>) -> Result<Tree, Refused> {
    let value: i64 = value.try_into().map_err(|_| Refused::TooLarge)?;
    if value.unsigned_abs() < 1 << 53 { Ok(Tree::Number(value)) } else { Err(Refused::TooLarge) }
}

#[derive(Clone, Copy)]
struct Gate<'a> {
    scrubber: &'a Scrubber,
    rule: Rule,
}

impl<'a> Gate<'a> {
    fn fields(self, name: &'static str, variant: Option<&'static str>) -> Fields<'a> {
        Fields { gate: self, name, variant, fields: BTreeMap::new() }
    }
}

/// The members of a struct, or of a variant with names.
struct Fields<'a> {
    gate: Gate<'a>,
    name: &'static str,
    variant: Option<&'static str>,
    fields: BTreeMap<&'static str, Tree>,
}

impl Fields<'_> {
    fn add<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Refused> {
        let gate = Gate { rule: rule_of(self.name, key), ..self.gate };
        self.fields.insert(key, value.serialize(gate)?);
        Ok(())
    }

    fn whole(self) -> Tree {
        let fields = Tree::Fields(self.fields);
        match self.variant {
            Some(variant) => Tree::Fields(BTreeMap::from([(variant, fields)])),
            None => fields,
        }
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = Tree;
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Refused> {
        self.add(key, value)
    }

    fn end(self) -> Result<Tree, Refused> {
        Ok(self.whole())
    }
}

impl ser::SerializeStructVariant for Fields<'_> {
    type Ok = Tree;
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Refused> {
        self.add(key, value)
    }

    fn end(self) -> Result<Tree, Refused> {
        Ok(self.whole())
    }
}

/// The elements of a list.
struct Elements<'a> {
    gate: Gate<'a>,
    list: Vec<Tree>,
}

impl Elements<'_> {
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.list.push(value.serialize(self.gate)?);
        Ok(())
    }
}

impl ser::SerializeSeq for Elements<'_> {
    type Ok = Tree;
    type Error = Refused;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.add(value)
    }

    fn end(self) -> Result<Tree, Refused> {
        Ok(Tree::List(self.list))
    }
}

impl ser::SerializeTuple for Elements<'_> {
    type Ok = Tree;
    type Error = Refused;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.add(value)
    }

    fn end(self) -> Result<Tree, Refused> {
        Ok(Tree::List(self.list))
    }
}

impl<'a> Serializer for Gate<'a> {
    type Ok = Tree;
    type Error = Refused;
    type SerializeSeq = Elements<'a>;
    type SerializeTuple = Elements<'a>;
    type SerializeTupleStruct = Impossible<Tree, Refused>;
    type SerializeTupleVariant = Impossible<Tree, Refused>;
    type SerializeMap = Impossible<Tree, Refused>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    fn serialize_bool(self, value: bool) -> Result<Tree, Refused> {
        Ok(Tree::Truth(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Tree, Refused> {
        number(value)
    }

    fn serialize_i16(self, value: i16) -> Result<Tree, Refused> {
        number(value)
    }

    fn serialize_i32(self, value: i32) -> Result<Tree, Refused> {
        number(value)
    }

    fn serialize_i64(self, value: i64) -> Result<Tree, Refused> {
        number(value)
    }

    fn serialize_u8(self, value: u8) -> Result<Tree, Refused> {
        number(value)
    }

    fn serialize_u16(self, value: u16) -> Result<Tree, Refused> {
        number(value)
    }

    fn serialize_u32(self, value: u32) -> Result<Tree, Refused> {
        number(value)
    }

    fn serialize_u64(self, value: u64) -> Result<Tree, Refused> {
        number(value)
    }

    fn serialize_f32(self, _value: f32) -> Result<Tree, Refused> {
        Err(Refused::Kind("a fraction"))
    }

    fn serialize_f64(self, _value: f64) -> Result<Tree, Refused> {
        Err(Refused::Kind("a fraction"))
    }

    fn serialize_char(self, _value: char) -> Result<Tree, Refused> {
        Err(Refused::Kind("a character"))
    }

    fn serialize_str(self, value: &str) -> Result<Tree, Refused> {
        Ok(Tree::Text(self.scrubber.scrub(self.rule, value)))
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<Tree, Refused> {
        Err(Refused::Kind("a row of bytes"))
    }

    fn serialize_none(self) -> Result<Tree, Refused> {
        Ok(Tree::Nothing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Tree, Refused> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Tree, Refused> {
        Ok(Tree::Nothing)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Tree, Refused> {
        Ok(Tree::Constant(name))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Tree, Refused> {
        Ok(Tree::Constant(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Tree, Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Tree, Refused> {
        let inside = value.serialize(Gate { rule: rule_of(name, variant), ..self })?;
        Ok(Tree::Fields(BTreeMap::from([(variant, inside)])))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Elements<'a>, Refused> {
        Ok(Elements { gate: self, list: Vec::with_capacity(length.unwrap_or_default()) })
    }

    fn serialize_tuple(self, length: usize) -> Result<Elements<'a>, Refused> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Refused> {
        Err(Refused::Kind("a tuple with a name"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Refused> {
        Err(Refused::Kind("a tuple with a name"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Refused> {
        Err(Refused::Kind("a map, whose keys could be anything,"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'a>, Refused> {
        Ok(self.fields(name, None))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Refused> {
        Ok(self.fields(name, Some(variant)))
    }
}
