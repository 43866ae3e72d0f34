import type { Finding } from '../finding.ts';
import { besideRedirect } from './beside-redirect.ts';
import type { Check, Checked } from './check.ts';
import { closedVersions } from './closed-versions.ts';
import { cutPrefix } from './cut-prefix.ts';
import { endpointSchemes } from './endpoint-schemes.ts';
import { namedVersions } from './named-versions.ts';
import { audienceNames, routeNames } from './names.ts';
import { onlyVersion } from './only-version.ts';
import { repeatedHeaders } from './repeated-headers.ts';
import { slots } from './slots.ts';
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
];

/** Returns where the parts of a document do not go together. */
export function meaningFindings(checked: Checked): readonly Finding[] {
  return checks.flatMap((check) => check(checked));
}
