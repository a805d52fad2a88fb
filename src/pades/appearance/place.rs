//! Where a mark stands: people place things on the page as they see it; a PDF wants them in the
//! user space beneath, which may be turned (/Rotate), cut (/CropBox) and scaled (/UserUnit).

use crate::pades::error::Refusal;
use crate::pades::reader::Page;

/// A page as it is shown.
#[derive(Clone, Copy, Debug)]
pub(in crate::pades) struct Sheet {
    /// The visible part in user space: left, bottom, right, top.
    visible: [f64; 4],
    turn: Turn,
    /// Points (1/72 inch) in a unit of user space.
    unit: f64,
}

/// How far the page is turned clockwise when it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

/// A rectangle found for a mark.
#[derive(Clone, Copy, Debug)]
pub(in crate::pades) struct Place {
    /// Left, bottom, right, top in user space.
    pub(in crate::pades) rect: [f64; 4],
    /// The form's own rectangle, upright, in units of user space.
    pub(in crate::pades) bounds: [f64; 4],
    /// Turns the form's space the way the page is turned.
    pub(in crate::pades) matrix: [f64; 6],
    /// Units of the form for a point of the mark.
    pub(in crate::pades) scale: f64,
}

impl Sheet {
    /// A page as its reader measured it; the crop box lies within the media box.
    pub(in crate::pades) fn of(page: &Page) -> Self {
        Self::new(
            page.crop_box.map(f64::from),
            page.rotate,
            f64::from(page.user_unit),
        )
    }

    fn new(visible: [f64; 4], rotate: u16, unit: f64) -> Self {
        Self {
            visible,
            turn: Turn::of(rotate),
            unit,
        }
    }

    /// The place for a mark of this width and height (in points) at the top right of the sheet
    /// as it is shown. On a sheet that is too small the mark shrinks.
    ///
    /// # Errors
    /// `FieldInvalid` when it would have to shrink until nobody can read it.
    pub(in crate::pades) fn top_right(&self, width: f64, height: f64) -> Result<Place, Refusal> {
        let [left, bottom, right, top] = self.visible.map(|at| at * self.unit);
        let (wide, high) = match self.turn {
            Turn::None | Turn::Half => (right - left, top - bottom),
            Turn::Quarter | Turn::ThreeQuarters => (top - bottom, right - left),
        };
        let margin = MARGIN.min(wide / 20.0).min(high / 20.0);
        let shrink = ((wide - 2.0 * margin) / width)
            .min((high - 2.0 * margin) / height)
            .min(1.0);
        if shrink < SHRINK_MIN {
            return Err(Refusal::FieldInvalid(
                "the page is too small for a visible mark".into(),
            ));
        }
        let (width, height) = (width * shrink, height * shrink);
        let [x, y] = [wide - margin - width, high - margin - height];
        let corners = [self.user([x, y]), self.user([x + width, y + height])];
        let [[x0, y0], [x1, y1]] = corners;
        Ok(Place {
            rect: ordered([x0, y0, x1, y1]),
            bounds: [0.0, 0.0, width / self.unit, height / self.unit],
            matrix: self.turn.matrix(),
            scale: shrink / self.unit,
        })
    }

    /// The user space's point under a point of the sheet as shown (points from bottom left).
    fn user(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [left, bottom, right, top] = self.visible;
        let (x, y) = (x / self.unit, y / self.unit);
        match self.turn {
            Turn::None => [left + x, bottom + y],
            Turn::Quarter => [right - y, bottom + x],
            Turn::Half => [right - x, top - y],
            Turn::ThreeQuarters => [left + y, top - x],
        }
    }
}

impl Turn {
    fn of(rotate: u16) -> Self {
        match rotate {
            90 => Self::Quarter,
            180 => Self::Half,
            270 => Self::ThreeQuarters,
            _ => Self::None,
        }
    }

    fn matrix(self) -> [f64; 6] {
        match self {
            Self::None => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            Self::Quarter => [0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
            Self::Half => [-1.0, 0.0, 0.0, -1.0, 0.0, 0.0],
            Self::ThreeQuarters => [0.0, -1.0, 1.0, 0.0, 0.0, 0.0],
        }
    }
}

fn ordered([x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
    [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)]
}

/// Points between the mark and the sheet's edges.
const MARGIN: f64 = 20.0;

/// The mark's ten-point letters may shrink to four.
const SHRINK_MIN: f64 = 0.4;

#[cfg(test)]
mod tests {
    use super::*;

    const A4: [f64; 4] = [0.0, 0.0, 595.0, 842.0];

    fn rect(visible: [f64; 4], rotate: u16, unit: f64) -> String {
        let place = Sheet::new(visible, rotate, unit)
            .top_right(100.0, 24.0)
            .unwrap();
        format!("{:?}", place.rect)
    }

    #[test]
    fn the_mark_stands_at_the_top_right_of_the_page_as_shown() {
        assert_eq!(rect(A4, 0, 1.0), "[475.0, 798.0, 575.0, 822.0]");
        assert_eq!(rect(A4, 90, 1.0), "[20.0, 722.0, 44.0, 822.0]");
        assert_eq!(rect(A4, 180, 1.0), "[20.0, 20.0, 120.0, 44.0]");
        assert_eq!(rect(A4, 270, 1.0), "[551.0, 20.0, 575.0, 120.0]");
    }

    #[test]
    fn the_visible_part_need_not_begin_at_the_origin() {
        assert_eq!(
            rect([100.0, 50.0, 500.0, 700.0], 0, 1.0),
            "[380.0, 656.0, 480.0, 680.0]"
        );
        assert_eq!(
            rect([-50.0, -80.0, 350.0, 570.0], 180, 1.0),
            "[-30.0, -60.0, 70.0, -36.0]"
        );
    }

    #[test]
    fn a_unit_of_user_space_may_be_larger_than_a_point() {
        let rect = rect([0.0, 0.0, 297.5, 421.0], 0, 2.0);
        assert_eq!(rect, "[237.5, 399.0, 287.5, 411.0]");
    }

    #[test]
    fn a_small_page_gets_a_small_mark_and_a_tiny_one_none() {
        let small = Sheet::new([0.0, 0.0, 80.0, 80.0], 0, 1.0);
        let place = small.top_right(100.0, 24.0).unwrap();
        assert!((place.scale - 0.72).abs() < 1e-9);
        assert!(place.rect[0] >= 4.0 - 1e-9 && place.rect[2] <= 76.0 + 1e-9);
        for width in [20.0, 0.001] {
            let tiny = Sheet::new([0.0, 0.0, width, 80.0], 0, 1.0);
            assert!(tiny.top_right(100.0, 24.0).is_err());
        }
    }
}
