//! A run's steps as a directed graph.

use std::collections::BTreeMap;

use hindcast_model::record::Call;
use hindcast_model::{
    EnvironmentId, Environments, Execution, ExecutionId, Run, StepId, StepNumber, Target,
};
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use crate::node::{consumed, handles};
use crate::tree::grow;
use crate::view::View;
use crate::{CallTree, Edge, Finding, Node};

/// What to show beyond the run itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Also show what only older attempts called.
    pub include_superseded: bool,
    /// Calls that local executions made, and their answers, as far as they are known. In any order;
    /// of two with the same caller and ordinal the later counts.
    pub calls: &'a [Call],
}

/// A run as seen from an environment: a node for each visible step, edges from the step that asks
/// to the step that answers, and the call tree that is shown.
#[derive(Debug)]
pub struct RunGraph {
    graph: DiGraph<Node, Edge>,
    index: BTreeMap<StepNumber, NodeIndex>,
    tree: CallTree,
    findings: Vec<Finding>,
}

impl RunGraph {
    /// The graph of `run` as seen from `viewpoint`.
    pub fn build(run: &Run, environments: &Environments, viewpoint: EnvironmentId) -> Self {
        Self::build_with(run, environments, viewpoint, &Options::default())
    }

    /// The graph of `run` as seen from `viewpoint`, with what `options` ask for.
    pub fn build_with(
        run: &Run,
        environments: &Environments,
        viewpoint: EnvironmentId,
        options: &Options<'_>,
    ) -> Self {
        let view = View::new(run, environments, viewpoint);
        let mut graph = Self {
            graph: DiGraph::new(),
            index: BTreeMap::new(),
            tree: CallTree::default(),
            findings: Vec::new(),
        };
        for (number, step) in view.steps() {
            let node = graph.graph.add_node(Node::of(&view, number, step));
            graph.index.insert(number, node);
        }
        graph.add_edges(&view);
        graph.find_circles();
        graph.tree = grow(&view, options, &mut graph.findings);
        graph.mark_pinned();
        graph
    }

    /// The steps and what connects them.
    pub fn graph(&self) -> &DiGraph<Node, Edge> {
        &self.graph
    }

    /// The steps, by number; those that are only referred to come last.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.graph.node_weights()
    }

    /// The step of that number.
    pub fn node(&self, step: StepNumber) -> Option<&Node> {
        self.graph.node_weight(*self.index.get(&step)?)
    }

    /// The calls that are shown, each at its place under its caller.
    pub fn tree(&self) -> &CallTree {
        &self.tree
    }

    /// What is odd about the run as seen from here.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn add_edges(&mut self, view: &View<'_>) {
        for (number, step) in view.steps() {
            let Some(&from) = self.index.get(&number) else { continue };
            for (attempt, execution) in view.attempts(step) {
                let caller = view.run.step_id(number).attempt(attempt);
                self.add_call_edges(view, from, &caller, execution);
                for id in consumed(execution).filter(|id| id.step.run == view.run.id) {
                    let to = self.node_index(view, &id.step, &caller, execution);
                    self.graph.add_edge(from, to, Edge::Result { attempt });
                }
            }
            for id in handles(step).filter(|id| id.step.run == view.run.id) {
                if let Some(&to) = self.index.get(&id.step.number) {
                    self.graph.add_edge(from, to, Edge::Argument);
                }
            }
        }
    }

    fn add_call_edges(
        &mut self,
        view: &View<'_>,
        from: NodeIndex,
        caller: &ExecutionId,
        execution: &Execution,
    ) {
        let attempt = caller.attempt;
        for child in &execution.children {
            if child.step_id.run != view.run.id {
                let (caller, step) = (caller.clone(), child.step_id.clone());
                self.findings.push(Finding::ForeignChild { caller, step });
                continue;
            }
            let to = self.node_index(view, &child.step_id, caller, execution);
            let step = view.run.steps.get(&child.step_id.number);
            let own = step.is_some_and(|step| step.parent_id.as_ref() == Some(caller));
            let edge = if own {
                Edge::Call { attempt }
            } else {
                Edge::Memo { attempt, answer: child.attempt }
            };
            self.graph.add_edge(from, to, edge);
        }
    }

    /// The node of a step that `execution` names; made, as unknown, where the step is not visible.
    fn node_index(
        &mut self,
        view: &View<'_>,
        step: &StepId,
        caller: &ExecutionId,
        execution: &Execution,
    ) -> NodeIndex {
        if let Some(&index) = self.index.get(&step.number) {
            return index;
        }
        let finding = Finding::StepMissing { caller: caller.clone(), step: step.clone() };
        self.findings.push(finding);
        let target = match view.run.steps.get(&step.number) {
            Some(hidden) => Some(hidden.target()),
            None => recorded_target(execution, step),
        };
        let index = self.graph.add_node(Node::missing(step.clone(), target));
        self.index.insert(step.number, index);
        index
    }

    fn find_circles(&mut self) {
        if toposort(&self.graph, None).is_ok() {
            return;
        }
        // Not Tarjan's way: that one recurses, and a run may be very deep.
        let components = kosaraju_scc(&self.graph).into_iter();
        let mut circles: Vec<Vec<StepId>> = components
            .filter(|nodes| nodes.len() > 1 || self.graph.contains_edge(nodes[0], nodes[0]))
            .map(|nodes| nodes.iter().map(|&node| self.graph[node].step.clone()).collect())
            .collect();
        for steps in &mut circles {
            steps.sort();
        }
        circles.sort();
        self.findings.extend(circles.into_iter().map(|steps| Finding::Circle { steps }));
    }

    fn mark_pinned(&mut self) {
        for step in self.tree.pinned_steps() {
            if let Some(node) = self.index.get(&step).and_then(|&i| self.graph.node_weight_mut(i)) {
                node.pinned = true;
            }
        }
    }
}

/// What an execution's own record says of the target of a step that is not in the run.
fn recorded_target(execution: &Execution, step: &StepId) -> Option<Target> {
    use hindcast_model::{Dependency, TypedDependency};
    execution.dependencies.values().find_map(|dependency| match dependency {
        Dependency::Typed(TypedDependency::Result { execution, .. })
        | Dependency::Untyped { execution, .. }
            if execution.execution_id.step == *step =>
        {
            Some(Target::new(execution.module.as_deref()?, execution.target.as_deref()?))
        }
        _ => None,
    })
}
