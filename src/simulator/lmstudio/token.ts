import type { LabServer } from './lab.ts';

/** Source: SDK, `LM_API_TOKEN`. Its two parts are what the SDK sends in its first frame. */
const TOKEN = /^sk-lm-(?<identifier>[a-zA-Z0-9]{8}):(?<passkey>[a-zA-Z0-9]{20})$/;

export interface Credentials {
  readonly identifier: string;
  readonly passkey: string;
}

export function passesToken(lab: LabServer, given: Credentials): boolean {
  if (lab.faults.refuseAuth) return false;
  if (lab.token === null) return true;
  const parts = TOKEN.exec(lab.token)?.groups;
  return parts?.['identifier'] === given.identifier && parts['passkey'] === given.passkey;
}

export function passesBearer(lab: LabServer, authorization: string | undefined): boolean {
  if (lab.faults.refuseAuth) return false;
  return lab.token === null || authorization === `Bearer ${lab.token}`;
}
