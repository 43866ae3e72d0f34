import type { RouteBody, WrittenCondition } from '../imported-route.ts';

/** A path with a rewrite, as a document says both; undefined: it cannot be said. */
export interface PathRewritten {
  /** Takes the place of the condition that the path alone would be; undefined: every path. */
  readonly where: WrittenCondition | undefined;
  /** Undefined: the path stays as it is. */
  readonly path: NonNullable<RouteBody['rewrite']>['path'];
}

/** Paths whose last group is all that follows a prefix: `/shop(/|$)(.*)`, `/shop/(.*)`, `/(.*)`. */
const shapes = [
  { shape: /^((?:\/[\w.~-]+)+)\(\/\|\$\)\(\.\*\)$/, group: '$2' },
  { shape: /^((?:\/[\w.~-]+)*)\/\(\.\*\)$/, group: '$1' },
  { shape: /^((?:\/[\w.~-]+)+)\/\?\(\.\*\)$/, group: '$1' },
] as const;

/**
 * Returns how `rewrite-target` of a path is said here. A target without groups takes the place of
 * the whole path; one that ends in the group of all that follows takes the place of the prefix.
 */
export function rewritten(path: string, target: string): PathRewritten | undefined {
  if (target.includes('$')) return withoutPrefix(path, target);
  if (!isPlain(target) || !target.startsWith('/')) return undefined;
  const where = path === '/' ? undefined : { path: { regex: `(?i)^${path}` } };
  return { where, path: { full: target } };
}

function withoutPrefix(path: string, target: string): PathRewritten | undefined {
  for (const { shape, group } of shapes) {
    const prefix = shape.exec(path)?.[1];
    if (prefix === undefined || !target.endsWith(`/${group}`)) continue;
    const before = target.slice(0, -group.length - 1);
    if (!isPlain(before)) continue;
    if (before === prefix) return { where: prefixWhere(prefix), path: undefined };
    return { where: prefixWhere(prefix) ?? { path: '/' }, path: before === '' ? '/' : before };
  }
  return undefined;
}

/** Whether a part of a path has no variables, no query and no fragment. */
function isPlain(path: string): boolean {
  return !/[?#\s$]/.test(path);
}

function prefixWhere(prefix: string): WrittenCondition | undefined {
  return prefix === '' ? undefined : { path: prefix };
}
