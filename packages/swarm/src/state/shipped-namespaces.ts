/** The namespaces that every node has. A program replaces what is said of one by registering it again. */
import { z } from 'zod';
import type { StateNamespace } from './namespace.ts';

const Skill = z.looseObject({ description: z.string().min(1) });

export const shippedNamespaces = {
  /** What agents note for each other: any JSON. */
  memory: {},
  /** What agents can do, by name: at least a description, so that another can choose among them. */
  skills: {
    refuse(entry) {
      return 'deleted' in entry || Skill.safeParse(entry.value).success ? undefined : 'skill_without_description';
    },
  },
  /** Settings of the fleet. Who may not administer the node does not set them. */
  configuration: {
    maxValueBytes: 4_096,
    refuse(_entry, { isSelf, tier }) {
      return isSelf || tier === 'root' || tier === 'sudo' ? undefined : 'tier_not_allowed';
    },
  },
} as const satisfies Record<string, StateNamespace>;
