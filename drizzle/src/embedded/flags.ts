/** How a server for one node is set up: small, reachable through its socket only, and as durable as PostgreSQL is. */

/** fsync, synchronous_commit, full_page_writes and data checksums are not here: they stay on, as PostgreSQL has them. */
export const nodeSettings: readonly string[] = [
  'listen_addresses=', // no port: the socket's folder (0700) is the whole access control
  'unix_socket_permissions=0700',
  'shared_buffers=16MB',
  'max_connections=20',
  'superuser_reserved_connections=2',
  'io_method=sync', // no worker processes for reads that come from the page cache anyway
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_worker_processes=2',
  'max_parallel_workers=0',
  'max_parallel_workers_per_gather=0',
  'max_logical_replication_workers=0',
  'autovacuum_max_workers=1',
  'autovacuum_worker_slots=1',
  'min_wal_size=32MB',
  'max_wal_size=256MB',
  'wal_buffers=1MB',
  'dynamic_shared_memory_type=mmap', // /dev/shm is 64 MB in a container
  'jit=off',
  'logging_collector=off',
  'lc_messages=C', // the log is read by us: see orphaned-backends.ts
  'log_line_prefix=%m [%p] ',
  'log_timezone=UTC',
  'timezone=UTC',
];

/** For a cluster that a test run throws away: nothing there outlives a crash, so nothing waits for a disk. */
export const throwAwaySettings: readonly string[] = [
  ...nodeSettings,
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=off',
  'autovacuum=off', // it would hold the template while a database is being copied from it
  'shared_buffers=64MB',
  'max_connections=200',
];

export const initdbArguments: readonly string[] = [
  '--username=skein',
  '--auth=trust', // whoever can open the socket is the server's own user
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin', // sorts alike on every machine, whatever its libc
  '--builtin-locale=C.UTF-8',
  '--wal-segsize=4',
  '--no-instructions',
];

/** What every PostgreSQL program of ours starts with. Fixed, so that the caller's environment cannot change a cluster. */
export const serverEnvironment = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' } as const;

export const socketPort = 5432;
export const embeddedMajorVersion = 18;
