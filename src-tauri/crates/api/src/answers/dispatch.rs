//! Calls by name, as the window makes them.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::api::Answered;
use crate::calls::{
    Cancel, CancelImport, CheckValue, ClearPin, Compare, CompareStep, Connect, CopyValue, Decide,
    Delete, ExamineProject, Export, ExportAssets, ExportFromServer, FindInValue, ForgetServer,
    GetActivity, GetActual, GetAlike, GetAsset, GetAssets, GetBytes, GetCode, GetDebugpy,
    GetDeletion, GetDeletions, GetEditText, GetEncodings, GetFacets, GetGuard, GetInputs,
    GetLedger, GetLogs, GetOutcomes, GetOverview, GetPins, GetPlan, GetProjectSettings, GetRun,
    GetServerRuns, GetServers, GetSetting, GetStep, GetStreamItems, GetStreams, GetTargets,
    GetText, GetTop, GetTree, GetValue, GetWarm, GetWatch, GetWhy, Import, ImportFromServer,
    ImportLooked, InspectDrop, InstallDebugpy, LoadPins, Look, OpenInEditor, PreviewValue, Purge,
    RedoPins, RemoveMock, Rerun, Respond, Restore, SavePins, SaveValue, Search, SetEncoding,
    SetMatching, SetMock, SetPin, SetProject, SetProjectSettings, SetRenamed, SetSetting, Submit,
    TakeBackLaunch, TrustProject, UndoPins, Unpin, UntrustProject, Unwatch, UseMock, Watch,
    WriteLaunch,
};
use crate::{Api, ApiError, Call, ErrorCode};

macro_rules! by_name {
    ($api:ident, $name:ident, $params:ident: $($call:ty),* $(,)?) => {
        match $name {
            $(<$call as Call>::NAME => ask::<$call>($api, $params).await,)*
            _ => Err(ApiError::not_found("call", $name)),
        }
    };
}

impl Api {
    /// Asks the call of that name; parameters and answer are JSON, as the TypeScript types have it.
    ///
    /// # Errors
    /// If there is no such call, the parameters are not its own, or as the call says.
    pub async fn call(&self, name: &str, params: Value) -> Result<Box<RawValue>, ApiError> {
        by_name!(self, name, params:
            GetActual, GetAlike, GetDebugpy, GetOutcomes, GetWatch, GetWhy, InstallDebugpy, TakeBackLaunch, Unwatch, Watch, WriteLaunch,
            Cancel, CancelImport, CheckValue, ClearPin, Compare, CompareStep, Connect, CopyValue,
            Decide, Delete, ExamineProject, Export, ExportAssets, ExportFromServer, FindInValue, ForgetServer,
            GetActivity, GetAsset, GetAssets, GetBytes, GetDeletion, GetDeletions, GetEditText,
            GetEncodings, GetFacets, GetGuard, GetInputs, GetLedger, GetLogs, GetOverview,
            GetPins, GetPlan, GetProjectSettings, GetRun, GetServerRuns, GetServers, GetSetting,
            GetStep, GetStreamItems, GetStreams, GetTargets, GetText, GetTop, GetTree, GetValue, GetWarm, GetCode, Import, ImportFromServer, ImportLooked,
            InspectDrop, LoadPins, Look, OpenInEditor, PreviewValue, Purge, RedoPins, RemoveMock, Rerun,
            Respond, Restore, SavePins, SaveValue, Search, SetEncoding, SetMatching, SetMock,
            SetPin, SetProject, SetProjectSettings, SetRenamed, SetSetting, Submit, TrustProject,
            UndoPins, Unpin, UntrustProject, UseMock,
        )
    }
}

async fn ask<C: Answered>(api: &Api, params: Value) -> Result<Box<RawValue>, ApiError> {
    let call: C = serde_json::from_value(params).map_err(|error| {
        ApiError::new(ErrorCode::BadRequest, format!("the parameters of {}: {error}", C::NAME))
    })?;
    let answer = api.ask(call).await?;
    serde_json::value::to_raw_value(&answer)
        .map_err(|error| ApiError::internal("an answer has no JSON form", error))
}
