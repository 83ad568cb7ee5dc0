/**
 * A directive's stream under the receiver's key: that it was accepted, and what came of it. Whoever listens at the
 * receiver's address could invent either. Output and states are a courtesy that decides nothing, and go unsigned.
 */
import { createHash } from 'node:crypto';
import { A2AClientError } from '@skein/a2a-transport';
import { RESULT_MEDIA_TYPE, SWARM_EXTENSION_URI } from '@skein/contracts';
import type { Artifact, StreamResponse } from '@skein/contracts/a2a';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { NodeIdentity } from '../security/node-identity.ts';
import { type AnsweredCall, type ExpectedReply, readReply, signReply } from '../security/signed-reply.ts';
import { RESULT_ARTIFACT } from './directive-task.ts';

const Metadata = z.looseObject({ signed: z.string(), databaseId: z.string().optional() });

interface Carrier {
  metadata?: Record<string, unknown> | undefined;
}

/** SHA-256 over the canonical JSON (RFC 8785) of the result, base64url. */
function digestOfResult({ parts }: Artifact): string {
  const result = parts.find(({ mediaType }) => mediaType === RESULT_MEDIA_TYPE)?.data;
  return createHash('sha256')
    .update(canonicalize(result) ?? '')
    .digest('base64url');
}

const ofUs = ({ metadata }: Carrier): Record<string, unknown> =>
  Object(metadata?.[SWARM_EXTENSION_URI]) as Record<string, unknown>; // read, not trusted

/** The same task or artifact with a signature over `claim` beside what it says of itself. */
function signed<T extends Carrier>(carrier: T, identity: NodeIdentity, call: AnsweredCall, claim: object): T {
  const said = { ...ofUs(carrier), ...signReply(identity, call, claim) };
  return { ...carrier, metadata: { ...carrier.metadata, [SWARM_EXTENSION_URI]: said } };
}

/** Signs what a receiver tells of a directive, for the call that asks. */
export async function* signEvents(
  events: AsyncIterable<StreamResponse>,
  { identity, call, directiveId }: { identity: NodeIdentity; call: AnsweredCall; directiveId: string },
): AsyncIterable<StreamResponse> {
  const signResult = (artifact: Artifact): Artifact =>
    artifact.artifactId === RESULT_ARTIFACT
      ? signed(artifact, identity, call, { directiveId, resultDigest: digestOfResult(artifact) })
      : artifact;
  for await (const event of events) {
    if ('task' in event) {
      const { artifacts, ...task } = event.task;
      const claim = { directiveId, taskId: task.id, databaseId: ofUs(task).databaseId };
      yield {
        task: { ...signed(task, identity, call, claim), ...(artifacts && { artifacts: artifacts.map(signResult) }) },
      };
    } else if ('artifactUpdate' in event) {
      const { artifactUpdate } = event;
      yield { artifactUpdate: { ...artifactUpdate, artifact: signResult(artifactUpdate.artifact) } };
    } else yield event;
  }
}

/** Lets through what a receiver may say. Errors: A2AClientError INVALID_REPLY at an acceptance or a result not its own. */
export async function* verifyEvents(
  events: AsyncIterable<StreamResponse>,
  { directiveId, ...expected }: ExpectedReply & { directiveId: string },
): AsyncIterable<StreamResponse> {
  const check = (carrier: Carrier, claim: object): void => {
    const said = Metadata.safeParse(carrier.metadata?.[SWARM_EXTENSION_URI]);
    const proven = readReply({ signed: said.data?.signed }, expected);
    if (canonicalize(proven) !== canonicalize(claim))
      throw new A2AClientError('INVALID_REPLY', 'the receiver signed something else than this event says');
  };
  const checkResult = (artifact: Artifact): void => {
    if (artifact.artifactId === RESULT_ARTIFACT)
      check(artifact, { directiveId, resultDigest: digestOfResult(artifact) });
  };
  for await (const event of events) {
    if ('task' in event) {
      check(event.task, { directiveId, taskId: event.task.id, databaseId: ofUs(event.task).databaseId });
      event.task.artifacts?.forEach(checkResult);
    } else if ('artifactUpdate' in event) checkResult(event.artifactUpdate.artifact);
    yield event;
  }
}
