//! Calls by name, as the window makes them.

use serde_json::Value;

use crate::api::Answered;
use crate::calls::{
    Cancel, Compare, CopyValue, Decide, Export, ExportAssets, GetActivity, GetAsset, GetAssets,
    GetEncodings, GetGuard, GetInputs, GetLedger, GetLogs, GetOverview, GetPlan, GetRun,
    GetSetting, GetStep, GetTree, GetValue, Import, InspectDrop, OpenInEditor, Rerun, Respond,
    SetEncoding, SetProject, SetSetting, Submit, TrustProject,
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
    pub async fn call(&self, name: &str, params: Value) -> Result<Value, ApiError> {
        by_name!(self, name, params:
            Cancel, Compare, CopyValue, Decide, Export, ExportAssets, GetActivity, GetAsset,
            GetAssets, GetEncodings, GetGuard, GetInputs,
            GetLedger, GetLogs, GetOverview, GetPlan, GetRun, GetSetting, GetStep, GetTree, GetValue, Import,
            InspectDrop, OpenInEditor, Rerun, Respond, SetEncoding, SetProject, SetSetting, Submit,
            TrustProject,
        )
    }
}

async fn ask<C: Answered>(api: &Api, params: Value) -> Result<Value, ApiError> {
    let call: C = serde_json::from_value(params).map_err(|error| {
        ApiError::new(ErrorCode::BadRequest, format!("the parameters of {}: {error}", C::NAME))
    })?;
    let answer = api.ask(call).await?;
    serde_json::to_value(answer)
        .map_err(|error| ApiError::internal("an answer has no JSON form", error))
}
