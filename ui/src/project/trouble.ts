import type { TroubleKind } from "../backend/types";

const BY_INTERPRETER: Record<TroubleKind, boolean> = {
  folderGone: false,
  configuration: false,
  noInterpreter: true,
  interpreterGone: true,
  notExecutable: true,
  notPython: true,
  crashes: true,
  silent: true,
  commandGone: true,
  pythonTooOld: true,
  noSdk: true,
  sdkShadowed: false,
  sdkUnknown: true,
  sdkTooOld: true,
  sdkNewer: true,
  syntax: false,
  missingPackage: true,
  missingModule: false,
  missingVariable: false,
  importFails: false,
  importEnds: false,
  noTarget: false,
};

/** Whether another interpreter may be what mends a trouble of this kind. */
export function byInterpreter(kind: TroubleKind): boolean {
  return BY_INTERPRETER[kind];
}
