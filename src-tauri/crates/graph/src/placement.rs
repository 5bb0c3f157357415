//! The walk that gives every node its rectangle.
//!
//! Every node has a band of its own that holds it and all it called, below the bands of what its
//! caller called before; it stands at the top of it. So a node's place depends on nothing but what
//! comes before it: a further call moves neither its caller nor anything above, and what stands below
//! moves down by no more than the room that the call needs.

use crate::folding::Arrangement;
use crate::{GroupKey, Rect};

const NODE_WIDTH: f64 = 180.0;
const NODE_HEIGHT: f64 = 48.0;
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
        free: MARGIN,
        rightmost: MARGIN,
    };
    for &root in &arrangement.roots {
        walk.place_band(root);
    }
    Placement {
        rects: walk.rects,
        frames: walk.frames,
        width: walk.rightmost + MARGIN,
        height: (walk.free - GAP).max(MARGIN) + MARGIN,
    }
}

struct Walk<'a> {
    arrangement: &'a Arrangement,
    rects: Vec<Rect>,
    frames: Vec<Frame>,
    /// Indexes of the frames being filled, outermost first.
    open: Vec<usize>,
    /// Below everything placed so far: where the next band begins.
    free: f64,
    rightmost: f64,
}

/// An item whose calls are being placed.
struct Step {
    item: usize,
    column: usize,
    next: usize,
    open_group: Option<GroupKey>,
}

impl Walk<'_> {
    fn place_band(&mut self, root: usize) {
        let mut stack = vec![self.put(root, 0, self.free)];
        while let Some(step) = stack.last_mut() {
            let (item, column) = (step.item, step.column + 1);
            // What is called first stands level with its caller, the rest below.
            let mut top = if step.next == 0 { self.rects[item].y } else { self.free };
            let child = self.arrangement.items[item].children.get(step.next).copied();
            let group = child.and_then(|child| self.arrangement.items[child].group);
            if step.open_group != group {
                if step.open_group.is_some() {
                    self.close_frame();
                    top = self.free;
                }
                if let Some(group) = group {
                    self.open_frame(item, group, column, top);
                    top += FRAME_HEAD;
                }
                step.open_group = group;
            }
            let Some(child) = child else {
                stack.pop();
                continue;
            };
            step.next += 1;
            stack.push(self.put(child, column, top));
        }
    }

    /// Gives an item its rectangle.
    fn put(&mut self, item: usize, column: usize, y: f64) -> Step {
        let rect = Rect { x: left_of(column), y, width: NODE_WIDTH, height: NODE_HEIGHT };
        self.rects[item] = rect;
        self.free = self.free.max(rect.bottom() + GAP);
        self.reach(rect.right());
        Step { item, column, next: 0, open_group: None }
    }

    /// Something reaches this far to the right.
    fn reach(&mut self, right: f64) {
        self.rightmost = self.rightmost.max(right);
        if let Some(&innermost) = self.open.last() {
            let frame = &mut self.frames[innermost].rect;
            frame.width = frame.width.max(right - frame.x);
        }
    }

    fn open_frame(&mut self, caller: usize, group: GroupKey, column: usize, y: f64) {
        self.open.push(self.frames.len());
        let rect = Rect { x: left_of(column) - FRAME_PADDING, y, width: 0.0, height: 0.0 };
        self.frames.push(Frame { group, caller, rect });
    }

    fn close_frame(&mut self) {
        let Some(index) = self.open.pop() else { return };
        let bottom = self.free - GAP + FRAME_PADDING;
        let frame = &mut self.frames[index].rect;
        frame.height = bottom - frame.y;
        frame.width += FRAME_PADDING;
        let right = frame.right();
        self.free = bottom + GAP;
        self.reach(right);
    }
}

#[expect(clippy::cast_precision_loss, reason = "columns are far fewer than 2^52")]
fn left_of(column: usize) -> f64 {
    MARGIN + column as f64 * COLUMN
}
