import type { Problem } from '#core/document/problem';
import { read } from '#core/document/read';
import { type PlacedRoute, placedByHost } from './by-host.ts';
import { documentText } from './document-text.ts';
import type { Report } from './finding.ts';
import type { Imported } from './imported-route.ts';

/** A document that can be used as it is. */
export interface Settled {
  readonly text: string;
  readonly routes: number;
}

/**
 * Returns the document of what was translated; undefined where no route is left.
 *
 * It is read as `turnout check` reads it: a route that has a problem there is left out and told,
 * so that what comes out can always be put in force.
 */
export function settle(imported: Imported, report: Report): Settled | undefined {
  let routes = placedByHost(imported.routes);
  while (routes.length > 0) {
    const { text, headLines, lastLines } = documentText(routes, imported);
    const reading = read(text);
    if (reading.kind === 'document') return { text, routes: routes.length };
    const left = new Set<PlacedRoute>(routes);
    for (const { severity, line, message } of reading.problems) {
      const route = routes[lastLines.findIndex((last) => line <= last)];
      if (severity !== 'error' || line <= headLines || route === undefined) continue;
      left.delete(route);
      const told = `${route.route.name} is left out: ${message}`;
      report({ code: 'TN6005', message: told, span: route.route.span });
    }
    // What is wrong with the whole, its size for one, is no route's.
    if (left.size === routes.length) return refused(reading.problems, report);
    routes = [...left];
  }
  return undefined;
}

function refused(problems: readonly Problem[], report: Report): undefined {
  for (const { message } of problems) {
    report({
      code: 'TN6005',
      message: `all of it is left out: ${message}`,
      hint: 'translate it in parts, a namespace each',
      span: { start: 0, end: 1 },
    });
  }
  return undefined;
}
