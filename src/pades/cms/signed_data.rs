//! Reading a CMS that others made (RFC 5652): what a signature in a PDF must hold, and no more.
//!
//! ISO 32000-2 §12.8.3.3 wants DER and exactly one signer; what is not so is refused here.

use der::asn1::ObjectIdentifier as Oid;

use crate::pades::asn1::read::{NotDer, Value, Walk};
use crate::pades::asn1::tag;
use crate::pades::oid;

/// A `SignedData` with one signer; everything borrows from the message.
pub(in crate::pades) struct SignedData<'m> {
    pub(in crate::pades) content_type: Oid,
    /// The content, where the message holds it itself.
    pub(in crate::pades) content: Option<&'m [u8]>,
    /// The certificates in DER, in the message's order.
    pub(in crate::pades) certificates: Vec<&'m [u8]>,
    pub(in crate::pades) signer: SignerInfo<'m>,
    /// What follows the message; in `/Contents` that is padding.
    pub(in crate::pades) behind: &'m [u8],
}

/// `SignerInfo` (RFC 5652 §5.3).
pub(in crate::pades) struct SignerInfo<'m> {
    pub(in crate::pades) id: SignerId<'m>,
    pub(in crate::pades) digest: Algorithm<'m>,
    pub(in crate::pades) signed: Option<Attributes<'m>>,
    pub(in crate::pades) signature_algorithm: Algorithm<'m>,
    pub(in crate::pades) signature: &'m [u8],
    pub(in crate::pades) unsigned: Option<Attributes<'m>>,
}

/// How the signer names its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pades) enum SignerId<'m> {
    /// `IssuerAndSerialNumber`: the issuer's name in DER, the serial's content octets.
    IssuerAndSerial(&'m [u8], &'m [u8]),
    /// The certificate's subject key identifier.
    KeyIdentifier(&'m [u8]),
}

/// An `AlgorithmIdentifier`.
#[derive(Clone, Copy, Debug)]
pub(in crate::pades) struct Algorithm<'m> {
    pub(in crate::pades) oid: Oid,
    pub(in crate::pades) parameters: Option<Value<'m>>,
}

/// Attributes as they stand in the message.
pub(in crate::pades) struct Attributes<'m> {
    /// The content octets of the SET.
    pub(in crate::pades) content: &'m [u8],
    list: Vec<(Oid, Vec<Value<'m>>)>,
}

impl<'m> SignedData<'m> {
    /// Reads a `ContentInfo` that holds a `SignedData`.
    pub(in crate::pades) fn parse(message: &'m [u8]) -> Result<Self, NotDer> {
        let mut outer = Walk::over(message);
        let mut info = outer.take(tag::SEQUENCE)?.inside();
        if info.any()?.oid()? != oid::SIGNED_DATA {
            return Err(NotDer);
        }
        let mut data = info
            .take(tag::CONTEXT_0)?
            .inside()
            .take(tag::SEQUENCE)?
            .inside();
        version(data.any()?)?;
        let digests = data.take(tag::SET)?;
        let mut encapsulated = data.take(tag::SEQUENCE)?.inside();
        let content_type = encapsulated.any()?.oid()?;
        let content = match encapsulated.take_if(tag::CONTEXT_0)? {
            Some(explicit) => Some(explicit.inside().take(tag::OCTET_STRING)?.content),
            None => None,
        };
        encapsulated.end()?;
        let certificates = data
            .take_if(tag::CONTEXT_0)?
            .map(certificates)
            .transpose()?;
        // CRLs, which PAdES keeps in the PDF's own store.
        data.take_if(tag::CONTEXT_1)?;
        let mut signers = data.take(tag::SET)?.inside();
        let signer = SignerInfo::parse(signers.take(tag::SEQUENCE)?)?;
        for whole in [signers, data, info] {
            whole.end()?;
        }
        if !is_announced(digests, signer.digest.oid)? {
            return Err(NotDer);
        }
        Ok(Self {
            content_type,
            content,
            certificates: certificates.unwrap_or_default(),
            signer,
            behind: outer.rest(),
        })
    }
}

/// The versions that RFC 5652 §5.1 and §5.3 know.
fn version(value: Value<'_>) -> Result<(), NotDer> {
    match value.number()? {
        1 | 3..=5 => Ok(()),
        _ => Err(NotDer),
    }
}

/// Whether the message's list of digest algorithms has the signer's (RFC 5652 §5.1).
fn is_announced(digests: Value<'_>, algorithm: Oid) -> Result<bool, NotDer> {
    for digest in digests.inside().all()? {
        if Algorithm::parse(digest)?.oid == algorithm {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The X.509 certificates among the `CertificateChoices`.
fn certificates(set: Value<'_>) -> Result<Vec<&[u8]>, NotDer> {
    let choices = set.inside().all()?;
    if choices.len() > CERTIFICATES_MAX {
        return Err(NotDer);
    }
    let x509 = choices.iter().filter(|choice| choice.tag == tag::SEQUENCE);
    Ok(x509.map(|choice| choice.raw).collect())
}

impl<'m> SignerInfo<'m> {
    fn parse(value: Value<'m>) -> Result<Self, NotDer> {
        let mut walk = value.inside();
        version(walk.any()?)?;
        let id = match walk.take_if(tag::SEQUENCE)? {
            Some(issuer_and_serial) => {
                let mut inside = issuer_and_serial.inside();
                let issuer = inside.take(tag::SEQUENCE)?.raw;
                SignerId::IssuerAndSerial(issuer, inside.take(tag::INTEGER)?.content)
            }
            None => SignerId::KeyIdentifier(walk.take(CONTEXT_0_PRIMITIVE)?.content),
        };
        let parsed = Self {
            id,
            digest: Algorithm::parse(walk.take(tag::SEQUENCE)?)?,
            signed: walk
                .take_if(tag::CONTEXT_0)?
                .map(Attributes::parse)
                .transpose()?,
            signature_algorithm: Algorithm::parse(walk.take(tag::SEQUENCE)?)?,
            signature: walk.take(tag::OCTET_STRING)?.content,
            unsigned: walk
                .take_if(tag::CONTEXT_1)?
                .map(Attributes::parse_all)
                .transpose()?,
        };
        walk.end()?;
        Ok(parsed)
    }
}

impl<'m> Algorithm<'m> {
    /// Reads an `AlgorithmIdentifier`.
    pub(in crate::pades) fn parse(value: Value<'m>) -> Result<Self, NotDer> {
        let mut walk = Walk::over(value.raw).take(tag::SEQUENCE)?.inside();
        let oid = walk.any()?.oid()?;
        let parameters = if walk.rest().is_empty() {
            None
        } else {
            Some(walk.any()?)
        };
        Ok(Self { oid, parameters })
    }
}

impl<'m> Attributes<'m> {
    /// Signed attributes: two of a kind would let two readers see two things.
    fn parse(set: Value<'m>) -> Result<Self, NotDer> {
        let parsed = Self::parse_all(set)?;
        let mut kinds: Vec<Oid> = parsed.list.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() == parsed.list.len() {
            Ok(parsed)
        } else {
            Err(NotDer)
        }
    }

    fn parse_all(set: Value<'m>) -> Result<Self, NotDer> {
        let mut list = Vec::new();
        for attribute in set.inside().all()? {
            let mut walk = Walk::over(attribute.raw).take(tag::SEQUENCE)?.inside();
            let kind = walk.any()?.oid()?;
            list.push((kind, walk.take(tag::SET)?.inside().all()?));
        }
        Ok(Self {
            content: set.content,
            list,
        })
    }

    /// All values of the attributes of a kind.
    pub(in crate::pades) fn all(&self, kind: Oid) -> impl Iterator<Item = Value<'m>> + '_ {
        let of_kind = self.list.iter().filter(move |(known, _)| *known == kind);
        of_kind.flat_map(|(_, values)| values.iter().copied())
    }

    /// The value of an attribute that has exactly one; `None` when the attribute is not there.
    pub(in crate::pades) fn single(&self, kind: Oid) -> Result<Option<Value<'m>>, NotDer> {
        match self.list.iter().find(|(known, _)| *known == kind) {
            None => Ok(None),
            Some((_, values)) => match values.as_slice() {
                [value] => Ok(Some(*value)),
                _ => Err(NotDer),
            },
        }
    }
}

/// `[0] IMPLICIT` of a primitive value.
const CONTEXT_0_PRIMITIVE: u8 = 0x80;
/// More than any chain needs; each may cost a signature check.
const CERTIFICATES_MAX: usize = 64;
