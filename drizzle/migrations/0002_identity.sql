-- Names this database for good: a cursor or a row handed out by one database means nothing to another.
insert into database_identity (id) values (gen_random_uuid());
--> statement-breakpoint
-- Every beat rewrites a node's row and one slot of its ring: with room on the page it does so without touching an index.
alter table nodes set (fillfactor = 50);
--> statement-breakpoint
alter table swarm_resource_snapshots set (fillfactor = 80);
