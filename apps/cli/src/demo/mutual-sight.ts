/** When a swarm is one: everybody sees everybody online, in the life that they live now and not in one that was left behind. */
import type { NodeView } from '@skein/contracts';

/** Who does not see whom yet, in words; undefined when all see all. `views[i]` is what the i-th node knows. */
export function whatIsMissing(views: readonly (readonly NodeView[])[]): string | undefined {
  const selves = views.map((view) => view.find(({ isSelf }) => isSelf));
  for (const [observer, view] of views.entries())
    for (const self of selves) {
      if (!self) return 'a node does not know itself yet';
      const seen = view.find(({ id }) => id === self.id);
      if (seen?.status === 'online' && seen.incarnation >= self.incarnation) continue;
      return `${selves[observer]?.name ?? 'a node'} sees ${self.name} ${seen ? `as ${seen.status}` : 'not at all'}`;
    }
  return undefined;
}
