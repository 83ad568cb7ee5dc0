/** §9: JSON-RPC. §10: gRPC, which we do not speak. §11: HTTP+JSON. */
import { type Requirement, section } from '../requirement.ts';

const noGrpc = 'the gRPC binding is not spoken here';

export const chapters9To11: readonly Requirement[] = [
  ...section('91-protocol-requirements', [
    {
      id: 'A2A-9.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'Requests and replies are JSON-RPC 2.0 as application/json, methods in PascalCase, streams as text/event-stream.',
      tests: [
        'json-rpc › %s is read',
        'json-rpc › $name is $code',
        'json-rpc › every method of the specification is there under its name',
        'streams › headers and the first event arrive at once, while the agent works on',
      ],
    },
  ]),
  ...section('92-service-parameter-transmission', [
    {
      id: 'A2A-9.2-1',
      level: 'MUST',
      binds: 'client',
      says: 'Service parameters are HTTP headers.',
      tests: ['packages/a2a-transport/src/client/client.test.ts › a request says who speaks, what, and which version'],
    },
    {
      id: 'A2A-9.2-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'Several values stand in one header, with commas between them.',
      tests: ['errors › those that are activated are echoed, in a list or in several headers of any case'],
    },
  ]),
  ...section('93-base-request-structure', [
    {
      id: 'A2A-9.3-1',
      level: 'MUST',
      binds: 'server',
      says: 'A request has the form of JSON-RPC 2.0; whatever has not is told so.',
      tests: ['json-rpc › $name is $code', 'json-rpc › an id of %o comes back with its type'],
    },
  ]),
  ...section('942-sendstreamingmessage', [
    {
      id: 'A2A-9.4.2-1',
      level: 'MUST',
      binds: 'server',
      says: 'Each event of a stream is a whole JSON-RPC reply under the id of the request, in one data line.',
      tests: ['streams › begins with the task, goes on with its updates and ends after the terminal one'],
    },
  ]),
  ...section('95-error-handling', [
    {
      id: 'A2A-9.5-1',
      level: 'MUST',
      binds: 'server',
      says: 'Each object in an error’s data has an @type.',
      tests: ['errors › $name is $code $reason'],
    },
    {
      id: 'A2A-9.5-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'The details are an ErrorInfo, and a BadRequest for parameters.',
      tests: ['errors › what is wrong with which parameter stands in a google.rpc.BadRequest'],
    },
    {
      id: 'A2A-9.5-3',
      level: 'MUST',
      binds: 'server',
      says: 'Codes are JSON-RPC’s own, and −32001 to −32099 for A2A’s errors.',
      tests: ['errors › $name is $code $reason', 'json-rpc › $name is $code'],
    },
  ]),
  ...section('102-service-parameter-transmission', [
    { id: 'A2A-10-1', level: 'MUST', binds: 'server', says: 'Service parameters are gRPC metadata.', reason: noGrpc },
    { id: 'A2A-10-2', level: 'SHOULD', binds: 'server', says: 'Required metadata is checked.', reason: noGrpc },
    { id: 'A2A-10-3', level: 'MUST', binds: 'server', says: 'A gRPC status carries an ErrorInfo.', reason: noGrpc },
  ]),
  ...section('111-protocol-requirements', [
    {
      id: 'A2A-11.1-1',
      level: 'SHOULD',
      binds: 'server',
      says: 'Requests and replies are application/a2a+json.',
      tests: ['http-json › a body may be %s, and the answer is application/a2a+json'],
    },
  ]),
  ...section('112-service-parameter-transmission', [
    {
      id: 'A2A-11.2-1',
      level: 'MUST',
      binds: 'server',
      says: 'Service parameters are HTTP headers, in any case.',
      tests: ['http-json › version and extensions come by header'],
    },
  ]),
  ...section('113-url-patterns-and-http-methods', [
    {
      id: 'A2A-11.3-1',
      level: 'MUST',
      binds: 'server',
      says: 'Each operation has its method and path.',
      tests: ['http-json › every operation has its place'],
    },
  ]),
  ...section('114-requestresponse-format', [
    {
      id: 'A2A-11.4-1',
      level: 'MUST',
      binds: 'server',
      says: 'Bodies are the objects of the proto, in no envelope.',
      tests: ['http-json › a task is the same task over both bindings'],
    },
  ]),
  ...section('115-query-parameter-naming-for-request-parameters', [
    {
      id: 'A2A-11.5-1',
      level: 'MUST',
      binds: 'server',
      says: 'Parameters of GET and DELETE stand in path and query.',
      tests: ['http-json › the query of a list filters, pages and bounds'],
    },
    {
      id: 'A2A-11.5-2',
      level: 'MUST',
      binds: 'server',
      says: 'They are named in camelCase.',
      tests: ['http-json › the query of a list filters, pages and bounds'],
    },
    {
      id: 'A2A-11.5-3',
      level: 'MUST',
      binds: 'server',
      says: 'What nests is posted in a body.',
      tests: ['http-json › every operation has its place'],
    },
    {
      id: 'A2A-11.5-4',
      level: 'MUST',
      binds: 'server',
      says: 'Values of the query are URL-encoded, and read so.',
      tests: ['http-json › what is encoded in path and query is decoded'],
    },
    {
      id: 'A2A-11.5-5',
      level: 'SHOULD',
      binds: 'server',
      says: 'A query may be spelled as protobuf spells it, as a body may.',
      tests: ['http-json › a query in snake_case is understood, as a body is'],
    },
  ]),
  ...section('116-error-handling', [
    {
      id: 'A2A-11.6-1',
      level: 'MUST',
      binds: 'server',
      says: 'An error is a google.rpc.Status under `error`, its details with an @type each.',
      tests: ['http-json › $name is $status $reason'],
    },
    {
      id: 'A2A-11.6-2',
      level: 'MUST',
      binds: 'server',
      says: 'A2A’s errors carry an ErrorInfo with their reason and the domain a2a-protocol.org.',
      tests: ['http-json › $name is $status $reason'],
    },
    {
      id: 'A2A-11.6-3',
      level: 'SHOULD',
      binds: 'server',
      says: 'Wrong parameters carry a BadRequest.',
      tests: ['http-json › wrong parameters stand in a google.rpc.BadRequest'],
    },
    {
      id: 'A2A-11.6-4',
      level: 'MUST',
      binds: 'server',
      says: 'A place that is not there is an error in the same form.',
      tests: ['http-json › what is no place of A2A is told so in the form of any error'],
    },
  ]),
  ...section('117-streaming', [
    {
      id: 'A2A-11.7-1',
      level: 'MUST',
      binds: 'server',
      says: 'A stream is Server-Sent Events of bare StreamResponses.',
      tests: ['http-json › a stream is of bare events, in order, to the terminal one'],
    },
    {
      id: 'A2A-11.7-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'Events keep their order.',
      tests: ['http-json › a stream is of bare events, in order, to the terminal one'],
    },
  ]),
];
