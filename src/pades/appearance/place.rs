//! Where a mark stands: people place things on the page as they see it; a PDF wants them in the
//! user space beneath, which may be turned (/Rotate), cut (/CropBox) and scaled (/UserUnit).

use serde::{Deserialize, Serialize};

use super::template::Side;
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

/// A spot of the page as it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "they say where they are")]
pub enum Spot {
    TopLeft,
    Top,
    #[default]
    TopRight,
    Left,
    Center,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
}

impl Spot {
    /// How far it is across and up the page, from 0 to 1.
    fn shares(self) -> (f64, f64) {
        let across = match self {
            Self::TopLeft | Self::Left | Self::BottomLeft => 0.0,
            Self::Top | Self::Center | Self::Bottom => 0.5,
            Self::TopRight | Self::Right | Self::BottomRight => 1.0,
        };
        let up = match self {
            Self::BottomLeft | Self::Bottom | Self::BottomRight => 0.0,
            Self::Left | Self::Center | Self::Right => 0.5,
            Self::TopLeft | Self::Top | Self::TopRight => 1.0,
        };
        (across, up)
    }
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
    turn: Turn,
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

    /// Width and height in points, as the page is shown.
    pub(in crate::pades) fn size(&self) -> [f64; 2] {
        let [left, bottom, right, top] = self.visible.map(|at| at * self.unit);
        match self.turn {
            Turn::None | Turn::Half => [right - left, top - bottom],
            Turn::Quarter | Turn::ThreeQuarters => [top - bottom, right - left],
        }
    }

    /// The place for a mark of this width and height (in points) at a spot of the page as it is
    /// shown. On a page that is too small the mark shrinks.
    ///
    /// # Errors
    /// `FieldInvalid` when it would have to shrink until nobody can read it.
    pub(in crate::pades) fn at(
        &self,
        spot: Spot,
        margin: Option<f64>,
        size: [f64; 2],
    ) -> Result<Place, Refusal> {
        let page = self.size();
        let [wide, high] = page;
        let margin = margin.unwrap_or(MARGIN).min(wide / 20.0).min(high / 20.0);
        let shrink = self.shrink(size, margin)?;
        let (across, up) = spot.shares();
        let along =
            |page: f64, mark: f64, share: f64| margin + (page - 2.0 * margin - mark) * share;
        let [width, height] = size.map(|length| length * shrink);
        let corner = [along(wide, width, across), along(high, height, up)];
        Ok(self.place(corner, [width, height], shrink))
    }

    /// Sees that such a rectangle lies on the page, where people see the mark.
    ///
    /// # Errors
    /// `FieldInvalid` when it does not.
    pub(in crate::pades) fn admit(&self, rect: [f64; 4]) -> Result<(), Refusal> {
        let [left, upper, wide, high] = rect;
        let [page_wide, page_high] = self.size();
        let is_on =
            |begin: f64, length: f64, end: f64| begin >= -EDGE && begin + length <= end + EDGE;
        if is_on(left, wide, page_wide) && is_on(upper, high, page_high) {
            return Ok(());
        }
        let why = "the place for the mark does not lie on the page";
        Err(Refusal::FieldInvalid(why.into()))
    }

    /// The place in a rectangle of the page as shown: left, upper edge, width, height in points
    /// from its upper left corner. The mark is scaled to fit and stands in the middle.
    pub(in crate::pades) fn within(&self, rect: [f64; 4], size: [f64; 2]) -> Place {
        let [left, upper, wide, high] = rect;
        let [width, height] = size;
        let scale = (wide / width).min(high / height);
        let (width, height) = (width * scale, height * scale);
        let [_, page_high] = self.size();
        let bottom = page_high - upper - high;
        let corner = [left + (wide - width) / 2.0, bottom + (high - height) / 2.0];
        self.place(corner, [width, height], scale)
    }

    /// The place with its lower left corner here, in points of the page as shown; moved as little
    /// as keeps it on the page.
    ///
    /// # Errors
    /// As [`Sheet::at`].
    pub(in crate::pades) fn near(
        &self,
        [x, y]: [f64; 2],
        size: [f64; 2],
    ) -> Result<Place, Refusal> {
        let shrink = self.shrink(size, 0.0)?;
        let [wide, high] = self.size();
        let [width, height] = size.map(|length| length * shrink);
        let corner = [x.min(wide - width).max(0.0), y.min(high - height).max(0.0)];
        Ok(self.place(corner, [width, height], shrink))
    }

    /// The place beside a rectangle of the page as shown (left, bottom, right, top in points), so far
    /// away from it.
    ///
    /// # Errors
    /// As [`Sheet::at`].
    pub(in crate::pades) fn beside(
        &self,
        [left, bottom, right, top]: [f64; 4],
        at: Side,
        gap: f64,
        size: [f64; 2],
    ) -> Result<Place, Refusal> {
        let [width, height] = size;
        let middle = [
            left.midpoint(right) - width / 2.0,
            bottom.midpoint(top) - height / 2.0,
        ];
        let corner = match at {
            Side::Below => [middle[0], bottom - gap - height],
            Side::Above => [middle[0], top + gap],
            Side::Left => [left - gap - width, middle[1]],
            Side::Right => [right + gap, middle[1]],
            Side::Over => middle,
        };
        self.near(corner, size)
    }

    /// A rectangle of user space as it is shown: left, bottom, right, top in points.
    pub(in crate::pades) fn shown(&self, [x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
        let [[x0, y0], [x1, y1]] = [self.seen([x0, y0]), self.seen([x1, y1])];
        ordered([x0, y0, x1, y1])
    }

    fn shrink(&self, [width, height]: [f64; 2], margin: f64) -> Result<f64, Refusal> {
        let [wide, high] = self.size();
        let shrink = ((wide - 2.0 * margin) / width)
            .min((high - 2.0 * margin) / height)
            .min(1.0);
        if shrink < SHRINK_MIN {
            return Err(Refusal::FieldInvalid(
                "the page is too small for a visible mark".into(),
            ));
        }
        Ok(shrink)
    }

    fn place(&self, [x, y]: [f64; 2], [width, height]: [f64; 2], scale: f64) -> Place {
        let corners = [self.user([x, y]), self.user([x + width, y + height])];
        let [[x0, y0], [x1, y1]] = corners;
        Place {
            rect: ordered([x0, y0, x1, y1]),
            bounds: [0.0, 0.0, width / self.unit, height / self.unit],
            matrix: self.turn.matrix(),
            scale: scale / self.unit,
            turn: self.turn,
        }
    }

    /// The point of the sheet as shown over a point of user space.
    fn seen(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [left, bottom, right, top] = self.visible;
        let seen = match self.turn {
            Turn::None => [x - left, y - bottom],
            Turn::Quarter => [y - bottom, right - x],
            Turn::Half => [right - x, top - y],
            Turn::ThreeQuarters => [top - y, x - left],
        };
        seen.map(|at| at * self.unit)
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

impl Place {
    /// The same mark in a widget of another rectangle: a form is stretched to its widget (12.5.5),
    /// so the form's box grows to the widget's and the mark keeps its place in it.
    pub(in crate::pades) fn over_all_of(self, widget: [f64; 4]) -> Self {
        let [left, bottom, right, top] = ordered(widget);
        let grow = [
            self.rect[0] - left,
            self.rect[1] - bottom,
            right - self.rect[2],
            top - self.rect[3],
        ];
        Self {
            rect: [left, bottom, right, top],
            bounds: self.grown(grow),
            ..self
        }
    }

    /// The form's box with more room on each side of the widget, which the page's turn takes to
    /// another side of the form.
    fn grown(&self, [left, bottom, right, top]: [f64; 4]) -> [f64; 4] {
        let [before, below, behind, above] = match self.turn {
            Turn::None => [left, bottom, right, top],
            Turn::Quarter => [bottom, right, top, left],
            Turn::Half => [right, top, left, bottom],
            Turn::ThreeQuarters => [top, left, bottom, right],
        };
        let [x0, y0, x1, y1] = self.bounds;
        [x0 - before, y0 - below, x1 + behind, y1 + above]
    }
}

fn ordered([x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
    [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)]
}

/// Points between the mark and the sheet's edges.
const MARGIN: f64 = 20.0;

/// The mark's ten-point letters may shrink to four.
const SHRINK_MIN: f64 = 0.4;

/// So many points over the edge of the page are as good as none: people round.
const EDGE: f64 = 1.0;

#[cfg(test)]
mod tests {
    use super::*;

    const A4: [f64; 4] = [0.0, 0.0, 595.0, 842.0];

    fn rect(visible: [f64; 4], rotate: u16, unit: f64) -> String {
        let place = Sheet::new(visible, rotate, unit)
            .at(Spot::TopRight, None, [100.0, 24.0])
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
        let place = small.at(Spot::TopRight, None, [100.0, 24.0]).unwrap();
        assert!((place.scale - 0.72).abs() < 1e-9);
        assert!(place.rect[0] >= 4.0 - 1e-9 && place.rect[2] <= 76.0 + 1e-9);
        for width in [20.0, 0.001] {
            let tiny = Sheet::new([0.0, 0.0, width, 80.0], 0, 1.0);
            assert!(tiny.at(Spot::TopRight, None, [100.0, 24.0]).is_err());
        }
    }

    #[test]
    fn a_rectangle_lies_on_the_page_as_it_is_shown_or_is_refused() {
        let a4 = [0.0, 0.0, 595.0, 842.0];
        let upright = Sheet::new(a4, 0, 1.0);
        let turned = Sheet::new(a4, 90, 1.0);
        let low = [300.0, 800.0, 200.0, 42.0];
        assert!(upright.admit(low).is_ok() && turned.admit(low).is_err());
        for outside in [
            [9000.0, 1.0, 2.0, 3.0],
            [580.0, 20.0, 200.0, 100.0],
            [20.0, 820.0, 200.0, 100.0],
            [-20.0, 20.0, 200.0, 100.0],
        ] {
            assert!(upright.admit(outside).is_err(), "{outside:?}");
        }
    }

    #[test]
    fn a_rectangle_is_measured_from_the_visible_part_in_points() {
        for (visible, unit) in [
            ([-300.0, -900.0, 295.0, -58.0], 1.0),
            ([100.0, 50.0, 397.5, 471.0], 2.0),
        ] {
            for (turn, wide, high) in [
                (0, 595.0, 842.0),
                (90, 842.0, 595.0),
                (180, 595.0, 842.0),
                (270, 842.0, 595.0),
            ] {
                let sheet = Sheet::new(visible, turn, unit);
                let at_end = |over: f64| [wide - 100.0 + over, high - 50.0, 100.0, 50.0];
                assert!(sheet.admit([0.0, 0.0, wide, high]).is_ok(), "{turn}");
                // People round: A4 is 595.28 points wide.
                assert!(sheet.admit(at_end(0.9)).is_ok(), "{turn}");
                assert!(sheet.admit(at_end(1.1)).is_err(), "{turn}");
                assert!(sheet.admit([f64::NAN, 0.0, 10.0, 10.0]).is_err());
            }
        }
    }
}
