//! What people see of a run: its steps as a graph from one environment's point of view, where each
//! is drawn, what came out differently between two environments, and what a re-run would do.
//!
//! Everything here is a pure function of a [`hindcast_model::Run`]. A run may be hostile: ids may
//! dangle and callers may form a circle, so nothing here recurses and every walk visits a step once.

mod alignment;
mod calls;
mod comparison;
mod finding;
mod folding;
mod layout;
mod node;
mod placement;
mod plan;
mod resolved;
mod routes;
mod run_graph;
mod state;
mod tree;
mod view;

pub use comparison::{ComparedCall, Comparison, Divergence, Sides};
pub use finding::Finding;
pub use folding::{Folding, MOST_UNFOLDED, StateCount};
pub use layout::{EdgeKind, GroupFrame, Layout, PlacedEdge, PlacedFold, PlacedNode, Rect, Shows};
pub use node::{Edge, Node};
pub use plan::{Plan, PlannedCall, PlannedState, Policy, Rerun, Why};
pub use run_graph::{Options, RunGraph};
pub use state::State;
pub use tree::{CallTree, GroupKey, MemoEdge, PinnedBy, Place, PlaceId, PlaceKind};
