import type { Finding } from '#core/conditions/condition';
import type { ExplainedSplit, Explanation } from '#core/routing/explain';
import type { ExplainedMatch } from '#core/routing/explain-match';
import type { Route } from '#core/routing/route';
import { troubleText } from '#core/snapshot/setting-text';

/** One request explained. */
export interface ExplainedRequest {
  readonly tried: readonly ExplainedMatch[];
  /** How many routes the document has. */
  readonly routes: number;
  /** Undefined where no route takes the request. */
  readonly route: Route | undefined;
  readonly explained: Explanation | undefined;
  readonly endpoints: readonly string[] | undefined;
  /** What has the endpoints in the cluster: here none of them is known. */
  readonly service: string | undefined;
}

/** How many routes that do not hold are shown before the one that does. */
const maxTried = 5;

/** Returns what became of a request, a line for each step that had a say. */
export function explanationText(request: ExplainedRequest): string {
  const { tried, routes, route, explained } = request;
  const passed = tried.filter(({ holds }) => !holds);
  const lines = [line('not', passedText(passed))];
  const found = tried.at(-1);
  if (route === undefined || explained === undefined || found === undefined) {
    lines.push('route     none takes this request: it is answered 404, no_route');
    return textOf(lines);
  }
  const all = found.findings.map(findingText).join(' ') || 'takes every request';
  lines.push(line('route', `${found.route}, ${found.index + 1} of ${routes}: ${all}`));
  if (route.redirect !== undefined) {
    lines.push(line('answer', `a redirect, ${route.redirect.status}`));
    return textOf(lines);
  }
  if (explained.refusesPath) {
    lines.push(line('answer', 'refused with 400, encoded_slash: the path holds %2F or %5C'));
    return textOf(lines);
  }
  lines.push(
    line('left out', explained.leftOut.map((one) => `${one.version} ${one.because}`).join(' · ')),
    line('override', overrideText(explained)),
    line('audience', audienceText(explained)),
    line('sticky', stickyText(explained)),
    line('split', splitText(explained)),
    line('version', versionText(explained, request)),
    line('mirror', mirrorText(explained)),
    line('fault', faultText(explained)),
  );
  return textOf(lines);
}

function textOf(lines: readonly string[]): string {
  return `${lines.filter((one) => one !== '').join('\n')}\n`;
}

/** A step that had nothing to say has no line. */
function line(name: string, text: string): string {
  return text === '' ? '' : `${name.padEnd(9)} ${text}`;
}

function passedText(passed: readonly ExplainedMatch[]): string {
  const shown = passed.slice(-maxTried).map(({ route, findings }) => {
    return `${route} ✖ ${whyNot(findings)}`;
  });
  const more = passed.length - shown.length;
  return [...(more > 0 ? [`${more} more`] : []), ...shown].join(' · ');
}

/** What of a condition did not hold. */
function whyNot(findings: readonly Finding[]): string {
  return findings
    .filter(({ holds }) => !holds)
    .map(({ seen }) => seen)
    .join(', ');
}

function findingText({ part, holds, seen }: Finding): string {
  return holds ? `${part} ✔` : `${part} ✖ ${seen}`;
}

function overrideText({ override }: Explanation): string {
  return override
    .filter(({ outcome }) => outcome !== 'absent')
    .map(({ place, name, seen, outcome }) => {
      const verdict = outcome === 'granted' ? '✔' : `✖ ${outcome.replaceAll('_', ' ')}`;
      return `${place} ${name}: ${seen ?? ''} ${verdict}`;
    })
    .join(' · ');
}

function audienceText({ audiences }: Explanation): string {
  return audiences
    .map(({ name, outcome, findings }) => {
      if (outcome === 'taken') return `${name} ✔ ${findings.map(({ seen }) => seen).join(', ')}`;
      if (outcome === 'passed over') return `${name} passed over: its version takes nobody new`;
      return `${name} ✖ ${whyNot(findings)}`;
    })
    .join(' · ');
}

function stickyText({ sticky }: Explanation): string {
  if (sticky === undefined) return '';
  if (sticky.seen === undefined) return `no cookie ${sticky.cookie}`;
  return sticky.version === undefined
    ? `cookie ${sticky.cookie} ✖ not ours, or its version is gone`
    : `cookie ${sticky.cookie} ✔ ${sticky.version}`;
}

function splitText({ split, unit, salt, version }: Explanation): string {
  if (!split.decided) return '';
  if (split.draws.length === 1) return `${version} is the only one`;
  const by = unit === undefined ? 'no unit, so by chance' : unitText(unit, salt);
  return `${by}: ${drawsText(split, version)}`;
}

function unitText({ source, value, minted }: NonNullable<Explanation['unit']>, salt: string) {
  return minted ? `unit issued now, salt ${salt}` : `unit ${source} "${value}", salt ${salt}`;
}

function drawsText({ draws }: ExplainedSplit, chosen: string | undefined): string {
  return draws
    .map(({ version, weight, u, score }) => {
      const drawn = u === undefined ? '' : ` u ${u.toFixed(4)} score ${score?.toPrecision(4)}`;
      return `${version} ${Number(weight.toPrecision(6))}${drawn}${version === chosen ? ' ←' : ''}`;
    })
    .join(' · ');
}

function versionText(
  { version, reason }: Explanation,
  { endpoints = [], service }: ExplainedRequest,
): string {
  if (version === undefined) return 'none may serve: it is answered 503, no_endpoint';
  if (service !== undefined) return `${version}, reason ${reason}, service ${service}`;
  if (endpoints.length === 0) {
    return `${version}, reason ${reason}: nothing can be sent there, it is answered 500, invalid_backend`;
  }
  const noun = endpoints.length === 1 ? 'endpoint' : 'endpoints';
  return `${version}, reason ${reason}, ${noun} ${endpoints.join(', ')}`;
}

function mirrorText({ mirror }: Explanation): string {
  return mirror === undefined
    ? ''
    : `${Number(mirror.percent.toPrecision(6))}% of such requests are copied to ${mirror.to}`;
}

function faultText({ fault }: Explanation): string {
  return fault === undefined ? '' : `of such requests ${troubleText(fault)}`;
}
