import type { Finding } from '../finding.ts';
import { besideRedirect } from './beside-redirect.ts';
import type { Check, Checked } from './check.ts';
import { closedVersions } from './closed-versions.ts';
import { cutPrefix } from './cut-prefix.ts';
import { endpointSchemes } from './endpoint-schemes.ts';
import { goals } from './goals.ts';
import { groups } from './groups.ts';
import { namedVersions } from './named-versions.ts';
import { audienceNames, routeNames } from './names.ts';
import { onlyVersion } from './only-version.ts';
import { readyEndpoints } from './ready-endpoints.ts';
import { repeatedHeaders } from './repeated-headers.ts';
import { rolloutVersions } from './rollout-versions.ts';
import { services } from './services.ts';
import { shadowMirrors } from './shadow-mirrors.ts';
import { slots } from './slots.ts';
import { stickySteps } from './sticky-steps.ts';
import { unreachableAudiences, unreachableRoutes } from './unreachable.ts';
import { unreachedVersions } from './unreached-versions.ts';
import { unverified } from './unverified.ts';
import { weights } from './weights.ts';

/** Everything a document is asked beyond its schema. */
const checks: readonly Check[] = [
  routeNames,
  audienceNames,
  namedVersions,
  weights,
  unreachableRoutes,
  unreachableAudiences,
  unreachedVersions,
  closedVersions,
  slots,
  cutPrefix,
  onlyVersion,
  besideRedirect,
  repeatedHeaders,
  endpointSchemes,
  unverified,
  rolloutVersions,
  groups,
  goals,
  shadowMirrors,
  readyEndpoints,
  stickySteps,
  services,
];

/** Returns where the parts of a document do not go together. */
export function meaningFindings(checked: Checked): readonly Finding[] {
  return checks.flatMap((check) => check(checked));
}
