/** Desks that note which of their calls were made, and then fail: for tests that care only who is asked. */
import type {
  AgentDesk,
  BroadcastDesk,
  EligibilityDesk,
  FleetDesk,
  MailDesk,
  StateDesk,
  SwarmNode,
} from '@skein/swarm';

type Desks = AgentDesk &
  BroadcastDesk &
  EligibilityDesk &
  FleetDesk &
  Omit<MailDesk, 'deliverMail'> &
  Omit<StateDesk, 'registerNamespace'>;

const noted = (calls: string[]) => {
  const failing = (name: string) => (): never => {
    calls.push(name);
    throw new Error('this test does not come so far');
  };
  return { failing, noting: (name: string) => async (): Promise<never> => failing(name)() };
};

/** The calls of a node that hand in a directive. */
export function sendingNode(
  calls: string[] = [],
): Pick<SwarmNode, 'submit' | 'dispatch' | 'dispatchStream' | 'getDirective'> {
  const { failing, noting } = noted(calls);
  return {
    ...{ submit: noting('submit'), dispatch: noting('dispatch'), dispatchStream: failing('dispatchStream') },
    getDirective: noting('getDirective'),
  };
}

export function fakeDesks(calls: string[] = []): Desks {
  const { failing, noting } = noted(calls);
  return {
    ...{ listAgents: noting('listAgents'), getAgent: noting('getAgent'), killAgent: noting('killAgent') },
    ...{ steerAgent: noting('steerAgent'), getFullProcessTree: failing('getFullProcessTree') },
    ...{ broadcast: noting('broadcast'), submitBroadcast: noting('submitBroadcast') },
    ...{ broadcastStream: failing('broadcastStream'), getBroadcast: noting('getBroadcast') },
    ...{ drain: noting('drain'), undrain: noting('undrain'), seal: noting('seal'), unseal: noting('unseal') },
    ...{ getEligibility: noting('getEligibility'), whenDrained: noting('whenDrained') },
    ...{ getSwarmTopology: noting('getSwarmTopology'), getResourceReport: noting('getResourceReport') },
    ...{ getNodeHealth: noting('getNodeHealth'), editNode: noting('editNode'), removeNode: noting('removeNode') },
    ...{ listMail: noting('listMail'), acknowledgeMail: noting('acknowledgeMail') },
    ...{ listThreads: noting('listThreads'), listMailboxes: noting('listMailboxes') },
    ...{ listNamespaces: noting('listNamespaces'), getState: noting('getState'), listState: noting('listState') },
    ...{ putState: noting('putState'), deleteState: noting('deleteState'), syncState: noting('syncState') },
  };
}
