//! The walk that gives every node its rectangle.
//!
//! Nodes are placed in call order, each as high up as the nodes placed before it in its column
//! allow, and not above the band of its caller; a caller stands level with the first thing it called.
//! So nothing that stands moves when calls are added after it.

use crate::folding::{Arrangement, What};
use crate::{GroupKey, Rect};

const NODE_WIDTH: f64 = 180.0;
const NODE_HEIGHT: f64 = 48.0;
const FOLD_HEIGHT: f64 = 34.0;
const COLUMN: f64 = 236.0;
const GAP: f64 = 16.0;
const MARGIN: f64 = 24.0;
const FRAME_PADDING: f64 = 14.0;
/// Room for a frame's name, with the padding above it.
const FRAME_HEAD: f64 = 38.0;

/// Where everything is.
pub(crate) struct Placement {
    /// By item.
    pub(crate) rects: Vec<Rect>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A frame around what one item called in a group.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) group: GroupKey,
    /// The caller's item.
    pub(crate) caller: usize,
    pub(crate) rect: Rect,
}

/// Places every item.
pub(crate) fn place(arrangement: &Arrangement) -> Placement {
    let mut walk = Walk {
        arrangement,
        rects: vec![Rect { x: 0.0, y: 0.0, width: 0.0, height: 0.0 }; arrangement.items.len()],
        frames: Vec::new(),
        open: Vec::new(),
        next_free: Vec::new(),
        floors: Vec::new(),
        lowest: MARGIN,
        rightmost: MARGIN,
    };
    for &root in &arrangement.roots {
        walk.place_below(root);
    }
    Placement {
        rects: walk.rects,
        frames: walk.frames,
        width: walk.rightmost + MARGIN,
        height: (walk.lowest - GAP).max(MARGIN) + MARGIN,
    }
}

struct Walk<'a> {
    arrangement: &'a Arrangement,
    rects: Vec<Rect>,
    frames: Vec<Frame>,
    /// Indexes of the frames being filled, outermost first.
    open: Vec<usize>,
    /// By column: where the next node may begin.
    next_free: Vec<f64>,
    /// From a column on to the right, nothing begins above this; both numbers grow.
    floors: Vec<(usize, f64)>,
    /// Where something could begin below everything placed so far.
    lowest: f64,
    rightmost: f64,
}

/// An item whose calls are being placed.
struct Step {
    item: usize,
    column: usize,
    /// Nothing it calls begins above.
    top: f64,
    next: usize,
    open_group: Option<GroupKey>,
    /// Where the first thing it called begins.
    first: Option<f64>,
}

impl Walk<'_> {
    fn place_below(&mut self, root: usize) {
        let mut stack = vec![self.enter(root, 0, MARGIN)];
        while let Some(step) = stack.last_mut() {
            let (item, column, top) = (step.item, step.column, step.top);
            let child = self.arrangement.items[item].children.get(step.next).copied();
            let group = child.and_then(|child| self.arrangement.items[child].group);
            if step.open_group != group {
                if step.open_group.is_some() {
                    self.close_frame(column + 1);
                }
                if let Some(group) = group {
                    self.open_frame(item, group, column + 1, top);
                }
                step.open_group = group;
            }
            if let Some(child) = child {
                step.next += 1;
                stack.push(self.enter(child, column + 1, top));
            } else if let Some(step) = stack.pop() {
                let y = self.settle(&step);
                if let Some(caller) = stack.last_mut() {
                    caller.first.get_or_insert(y);
                }
            }
        }
    }

    fn enter(&mut self, item: usize, column: usize, band: f64) -> Step {
        if self.next_free.len() <= column {
            self.next_free.resize(column + 1, MARGIN);
        }
        let floor = self.floor(column);
        let top = self.next_free[column].max(floor).max(band);
        Step { item, column, top, next: 0, open_group: None, first: None }
    }

    fn floor(&self, column: usize) -> f64 {
        let covering = self.floors.partition_point(|&(from, _)| from <= column);
        covering.checked_sub(1).map_or(MARGIN, |last| self.floors[last].1)
    }

    fn raise_floor(&mut self, column: usize, y: f64) {
        while self.floors.last().is_some_and(|&(from, _)| from >= column) {
            self.floors.pop();
        }
        self.floors.push((column, y));
    }

    /// Gives an item its rectangle, once everything it called has one; returns its top.
    fn settle(&mut self, step: &Step) -> f64 {
        let height = match self.arrangement.items[step.item].what {
            What::Place(_) => NODE_HEIGHT,
            What::Fold { .. } => FOLD_HEIGHT,
        };
        let y = step.first.map_or(step.top, |first| first.max(step.top));
        #[expect(clippy::cast_precision_loss, reason = "columns are far fewer than 2^52")]
        let x = MARGIN + step.column as f64 * COLUMN;
        let rect = Rect { x, y, width: NODE_WIDTH, height };
        self.rects[step.item] = rect;
        self.next_free[step.column] = rect.bottom() + GAP;
        self.lowest = self.lowest.max(rect.bottom() + GAP);
        self.reach(rect.right());
        y
    }

    /// Something reaches this far to the right.
    fn reach(&mut self, right: f64) {
        self.rightmost = self.rightmost.max(right);
        if let Some(&innermost) = self.open.last() {
            let frame = &mut self.frames[innermost].rect;
            frame.width = frame.width.max(right - frame.x);
        }
    }

    /// Begins a frame below everything placed so far, so that whatever comes into it, however deep,
    /// meets nothing.
    fn open_frame(&mut self, caller: usize, group: GroupKey, column: usize, top: f64) {
        #[expect(clippy::cast_precision_loss, reason = "columns are far fewer than 2^52")]
        let x = MARGIN + column as f64 * COLUMN - FRAME_PADDING;
        let y = self.lowest.max(self.floor(column)).max(top);
        self.open.push(self.frames.len());
        let rect = Rect { x, y, width: 0.0, height: 0.0 };
        self.frames.push(Frame { group, caller, rect });
        self.raise_floor(column, y + FRAME_HEAD);
        self.lowest = self.lowest.max(y + FRAME_HEAD);
    }

    fn close_frame(&mut self, column: usize) {
        let Some(index) = self.open.pop() else { return };
        let bottom = self.lowest - GAP + FRAME_PADDING;
        let frame = &mut self.frames[index].rect;
        frame.height = bottom - frame.y;
        frame.width += FRAME_PADDING;
        let right = frame.right();
        self.lowest = bottom + GAP;
        self.raise_floor(column, self.lowest);
        self.reach(right);
    }
}
