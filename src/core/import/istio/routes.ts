import type { Tree } from '#core/document/tree';
import type { Report } from '../finding.ts';
import {
  answering,
  closedStatus,
  closedText,
  type ImportedRoute,
  isClosed,
  type RouteBody,
  saltOf,
  type WrittenCondition,
} from '../imported-route.ts';
import { fullName, type KubeObject } from '../kube-object.ts';
import { listAt, numberAt, placeOf, textAt, textsAt, treeAt } from '../value.ts';
import type { DestinationContext } from './destinations.ts';
import { editsOf } from './edits.ts';
import { tellFields } from './fields.ts';
import { hostsOf } from './hosts.ts';
import { matchOf, type PathAsked } from './match.ts';
import { policyOf } from './policies.ts';
import { redirectOf } from './redirect.ts';
import { trafficOf } from './traffic.ts';
import { versionsOf } from './versions.ts';

/** Translates one VirtualService: its routes, in their order. */
export function routesOf(
  object: KubeObject,
  place: string,
  context: DestinationContext,
): readonly ImportedRoute[] {
  const { tree, namespace, name } = object;
  const hosts = hostsOf(object);
  return listAt(tree, ['spec', 'http']).flatMap((http, index) => {
    const own = textAt(http, ['name']) ?? '';
    const known =
      own === '' ? `route ${index + 1} of ${fullName(object)}` : `${own} of ${fullName(object)}`;
    const base = [namespace, name, own].filter((part) => part !== '').join('.');
    tellFields(http, 'HTTPRoute', known, context.report);
    const matches = matchesOf(http, object, known, context.report);
    if (matches.length === 0) return [];
    const said = bodyOf(http, known, context);
    const body = isSplit(said) ? { ...said, salt: saltOf(fullName(object)) } : said;
    return matches.map(({ where, path }): ImportedRoute => {
      const rewritten = rewrittenBody(http, body, path, known, context.report);
      return {
        name: base,
        comments: [
          `${fullName(object)} (${place}): ${known.split(' of ')[0]}`,
          ...commentsOn(rewritten),
        ],
        span: placeOf(http),
        hosts,
        where: bothPaths(where, path, rewritten),
        body: rewritten,
      };
    });
  });
}

interface Asked {
  readonly where: WrittenCondition | undefined;
  readonly path: PathAsked;
}

/**
 * Returns what a route asks for: any of its matches is one condition, but where the path is rewritten
 * each is a route of its own. A match that cannot be said takes nothing, and is told.
 */
function matchesOf(
  http: Tree,
  { tree }: KubeObject,
  known: string,
  report: Report,
): readonly Asked[] {
  const matches = listAt(http, ['match']);
  if (treeAt(http, ['match']) === undefined || isEmptyList(http)) {
    return [{ where: undefined, path: { kind: 'none' } }];
  }
  if (matches.length === 0) {
    const message = `${known} is left out: its match is no list`;
    report({ code: 'TN6005', message, span: placeOf(http, ['match']) });
  }
  const gateways = textsAt(tree, ['spec', 'gateways']);
  const rewrites = treeAt(http, ['rewrite', 'uri']) !== undefined;
  const said: Asked[] = [];
  for (const match of matches) {
    const one = matchOf(match, gateways, rewrites);
    if (one.kind === 'said') {
      said.push(one);
      continue;
    }
    report({
      code: 'TN6005',
      message: `a match of ${known} is left out: ${one.what} cannot be asked so; its requests go to later routes`,
      span: one.span,
    });
  }
  const [first] = said;
  if (rewrites || first === undefined || said.length === 1) return said;
  const wheres = said.map(({ where }) => where);
  const where = wheres.includes(undefined) ? undefined : { any: wheres };
  return [{ where, path: first.path }];
}

function isEmptyList(http: Tree): boolean {
  const value = treeAt(http, ['match'])?.value;
  return Array.isArray(value) && value.length === 0;
}

/** Returns what a route does, the path apart. What cannot be said is closed. */
function bodyOf(http: Tree, known: string, context: DestinationContext): RouteBody {
  const { report } = context;
  const redirect = treeAt(http, ['redirect']);
  if (redirect !== undefined) {
    return redirectOf(redirect) ?? closed(http, ['redirect'], `the redirect of ${known}`, report);
  }
  if (treeAt(http, ['directResponse']) !== undefined) return answerOf(http, known, report);
  if (treeAt(http, ['delegate']) !== undefined) {
    return closed(http, ['delegate'], `the delegate of ${known}`, report);
  }
  const versions = versionsOf(http, known, context);
  if (versions === undefined) {
    return treeAt(http, ['route']) === undefined
      ? closed(http, [], `${known}, which has no route,`, report)
      : answering(closedStatus);
  }
  const policy = policyOf(versions.destinations, report);
  const traffic = trafficOf(http, known, report);
  const headers = editsOf(treeAt(http, ['headers']), report);
  const host = textAt(http, ['rewrite', 'authority']);
  return {
    ...versions.body,
    ...policy,
    ...traffic,
    ...mergedTimeouts(policy, traffic),
    ...(headers === undefined ? {} : { headers }),
    ...(host === undefined ? {} : { rewrite: { host } }),
  };
}

function mergedTimeouts(a: RouteBody, b: RouteBody): Pick<RouteBody, 'timeouts'> {
  const timeouts = { ...a.timeouts, ...b.timeouts };
  return Object.keys(timeouts).length === 0 ? {} : { timeouts };
}

function closed(http: Tree, path: readonly string[], what: string, report: Report): RouteBody {
  const message = `${what} cannot be said: the route answers 503 until you write it`;
  report({ code: 'TN6004', message, span: placeOf(http, path) });
  return answering(closedStatus);
}

/** A route that answers itself may keep somebody out: as much of it as can be said is. */
function answerOf(http: Tree, known: string, report: Report): RouteBody {
  const status = numberAt(http, ['directResponse', 'status']) ?? 0;
  if (status < 400 || status > 599) {
    return closed(http, ['directResponse'], `the directResponse of ${known}`, report);
  }
  if (treeAt(http, ['directResponse', 'body']) !== undefined) {
    const message = `the body of the directResponse of ${known} is left out: the answer has one of Turnout's own`;
    report({ code: 'TN6006', message, span: placeOf(http, ['directResponse', 'body']) });
  }
  return answering(status);
}

/** Adds the rewrite of the path, which depends on what was asked of it. */
function rewrittenBody(
  http: Tree,
  body: RouteBody,
  path: PathAsked,
  known: string,
  report: Report,
): RouteBody {
  // A route that answers by itself, or sends elsewhere, sends nobody a path.
  if (body.redirect !== undefined || treeAt(http, ['rewrite']) === undefined) return body;
  if (treeAt(http, ['rewrite', 'uriRegexRewrite']) !== undefined) {
    return closed(http, ['rewrite', 'uriRegexRewrite'], `uriRegexRewrite of ${known}`, report);
  }
  const uri = textAt(http, ['rewrite', 'uri']);
  if (uri === undefined || (path.kind !== 'whole' && uri === '/' && isWhole(path))) return body;
  const trimmed = uri === '/' ? uri : uri.replace(/\/$/, '');
  const rewrite = path.kind === 'whole' ? { full: uri } : trimmed;
  return { ...body, rewrite: { ...body.rewrite, path: rewrite } };
}

function isWhole(path: PathAsked): boolean {
  return path.kind === 'none' || (path.kind === 'prefix' && path.prefix === '/');
}

function isSplit({ versions = {} }: RouteBody): boolean {
  return Object.values(versions).filter(({ weight = 1 }) => weight > 0).length > 1;
}

/** A new prefix needs one that it takes the place of. */
function bothPaths(
  where: WrittenCondition | undefined,
  path: PathAsked,
  { rewrite }: RouteBody,
): WrittenCondition | undefined {
  if (typeof rewrite?.path !== 'string' || !isWhole(path)) return where;
  return { ...where, path: '/' };
}

function commentsOn(body: RouteBody): readonly string[] {
  const bySegments = 'By whole segments, where the other proxy takes the prefix by characters.';
  return [
    ...(typeof body.rewrite?.path === 'string' ? [bySegments] : []),
    ...(isClosed(body) ? [closedText] : []),
  ];
}
