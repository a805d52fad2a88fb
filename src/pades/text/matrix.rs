//! Transformations of the plane (ISO 32000-2, 8.3.4): `[a b c d e f]`.

use lopdf::Object;

/// A transformation.
pub(super) type Matrix = [f64; 6];

pub(super) const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First the one, then the other.
#[expect(clippy::many_single_char_names, reason = "as 8.3.4 calls them")]
pub(super) fn then(one: Matrix, other: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = one;
    let [oa, ob, oc, od, oe, of] = other;
    [
        a * oa + b * oc,
        a * ob + b * od,
        c * oa + d * oc,
        c * ob + d * od,
        e * oa + f * oc + oe,
        e * ob + f * od + of,
    ]
}

pub(super) fn moved(x: f64, y: f64) -> Matrix {
    [1.0, 0.0, 0.0, 1.0, x, y]
}

/// The box around a box of the plane as it comes out.
#[expect(clippy::many_single_char_names, reason = "as 8.3.4 calls them")]
pub(super) fn bounds([left, bottom, right, top]: [f64; 4], by: Matrix) -> [f64; 4] {
    let corners = [[left, bottom], [right, bottom], [left, top], [right, top]];
    let [a, b, c, d, e, f] = by;
    let seen = corners.map(|[x, y]| [a * x + c * y + e, b * x + d * y + f]);
    let start = [
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ];
    seen.iter().fold(start, |[x0, y0, x1, y1], [x, y]| {
        [x0.min(*x), y0.min(*y), x1.max(*x), y1.max(*y)]
    })
}

/// The box around two boxes.
pub(super) fn union(one: [f64; 4], other: [f64; 4]) -> [f64; 4] {
    let ([a, b, c, d], [oa, ob, oc, od]) = (one, other);
    [a.min(oa), b.min(ob), c.max(oc), d.max(od)]
}

/// Six finite numbers.
pub(super) fn of(items: &[Object]) -> Option<Matrix> {
    let numbers: Option<Vec<f64>> = items.iter().map(number).collect();
    numbers?.try_into().ok()
}

/// A finite number.
pub(super) fn number(object: &Object) -> Option<f64> {
    match object {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a place on a page is not that large"
        )]
        Object::Integer(number) => Some(*number as f64),
        Object::Real(number) => Some(f64::from(*number)).filter(|number| number.is_finite()),
        _ => None,
    }
}
