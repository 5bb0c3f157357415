//! Questions to a person.

use hindcast_model::record::{Input, InputResponse, Record};
use hindcast_model::{EnvironmentId, ExecutionId, InputId, InputStatus};

use crate::event::Effect;
use crate::handling::Handling;
use crate::message::{Handle, Reply, RequestId, SubmitInput};

impl Handling<'_> {
    /// An execution asks. Asked before in this run, by the same key, the question and its answer
    /// are shared.
    pub(crate) fn submit_input(&mut self, id: &ExecutionId, request: RequestId, ask: SubmitInput) {
        let Some(environment) = self.live.get(id).map(|running| running.environment) else {
            return;
        };
        let input = match self.asked_before(id, environment, &ask) {
            Some(known) if is_same_question(known, &ask) => known.clone(),
            Some(known) => {
                let message = format!(
                    "input_mismatch: {} was asked with the same key, but another prompt, schema or \
                     requirement",
                    known.id
                );
                return self.fail_request(id, request, "input_error", message);
            }
            None => match self.new_input(id, environment, ask) {
                Some(input) => input,
                None => return,
            },
        };
        let answered = Reply::InputSubmitted(input.id.clone());
        let is_new = self.world.input(&input.id).is_none();
        self.record(Record::InputSubmitted { execution: id.clone(), input: input.clone() });
        if is_new {
            self.effects.push(Effect::AskInput(input));
        }
        self.answer(id, request, answered);
    }

    /// The newest question of the run with this key, seen from the environment. One that waited
    /// when it was exported can never be answered here: it is asked anew.
    fn asked_before(
        &self,
        id: &ExecutionId,
        environment: EnvironmentId,
        ask: &SubmitInput,
    ) -> Option<&Input> {
        let key = ask.key.as_ref()?;
        let chain = self.world.chain(environment);
        let inputs = self.world.run(id.run())?.inputs.iter();
        let usable = inputs.filter(|input| {
            let asked_in = self.world.environment_of(&input.workspace);
            input.key.as_ref() == Some(key)
                && asked_in.is_some_and(|asked_in| {
                    chain.contains(&asked_in)
                        && (input.response.is_some() || self.world.is_local(asked_in))
                })
        });
        usable.max_by_key(|input| (input.created_at, input.id.number))
    }

    fn new_input(
        &self,
        id: &ExecutionId,
        environment: EnvironmentId,
        ask: SubmitInput,
    ) -> Option<Input> {
        let run = self.world.run(id.run())?;
        let shown = run.run.steps.values().flat_map(|step| step.executions.values());
        let shown = shown.flat_map(|execution| execution.inputs.iter().flatten());
        let numbers = shown.map(|(id, _)| id.number);
        let last = numbers.chain(run.inputs.iter().map(|input| input.id.number)).max();
        Some(Input {
            id: InputId { run: id.run().clone(), number: last.unwrap_or_default() + 1 },
            workspace: self.workspace(environment)?,
            key: ask.key,
            template: ask.template,
            placeholders: ask.placeholders,
            schema: ask.schema,
            initial: ask.initial,
            title: ask.title,
            actions: ask.actions,
            requires: ask.requires,
            created_at: self.now,
            response: None,
        })
    }

    /// A person answers.
    pub(crate) fn respond(&mut self, id: &InputId, response: InputResponse) {
        let Some(input) = self.world.input(id) else {
            return self.reject(format!("there is no input {id}"));
        };
        let local = self.world.environment_of(&input.workspace);
        if !local.is_some_and(|environment| self.world.is_local(environment)) {
            return self.reject(format!("{id} was asked elsewhere and cannot be answered here"));
        }
        if input.response.is_some() {
            return self.reject(format!("{id} is answered already"));
        }
        if let (Some(schema), InputResponse::Value { value, .. }) = (&input.schema, &response)
            && let Some(reason) = crate::schema::misfit(schema, value.text())
        {
            return self.reject(format!("{id} cannot be answered so: {reason}"));
        }
        self.answer_input(id, response);
    }

    /// Keeps an input's answer, the first only.
    pub(crate) fn answer_input(&mut self, id: &InputId, response: InputResponse) {
        let open = self.world.input(id).filter(|input| input.response.is_none());
        let asked_in = open.and_then(|input| self.world.environment_of(&input.workspace));
        if asked_in.is_some_and(|environment| self.world.is_local(environment)) {
            self.record(Record::InputAnswered { input: id.clone(), response });
            self.ended.push_back(Handle::Input(id.clone()));
        }
    }
}

/// Title, labels and what the answer starts as may differ.
fn is_same_question(known: &Input, ask: &SubmitInput) -> bool {
    let placeholders = known.placeholders.iter().map(|(name, value)| (name, value.known()));
    known.template == ask.template
        && placeholders.eq(ask.placeholders.iter().map(|(name, value)| (name, value.known())))
        && known.schema == ask.schema
        && known.requires == ask.requires
}

/// How an answer shows in an export.
pub(crate) fn status(response: &InputResponse) -> InputStatus {
    match response {
        InputResponse::Value { .. } => InputStatus::Value,
        InputResponse::Dismissed { .. } => InputStatus::Dismissed,
        InputResponse::Cancelled { .. } => InputStatus::Cancelled,
    }
}
