DROP INDEX "mailbox_waiting";--> statement-breakpoint
ALTER TABLE "mailbox" ADD COLUMN "bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "mailbox" SET "bytes" = octet_length("message"::text);--> statement-breakpoint
CREATE INDEX "mailbox_thread" ON "mailbox" USING btree ("node_id","recipient_kind","recipient","context_id","seq") WHERE "mailbox"."context_id" is not null;--> statement-breakpoint
CREATE INDEX "shared_state_live" ON "shared_state" USING btree ("node_id","namespace","bytes") WHERE not "shared_state"."deleted";--> statement-breakpoint
CREATE INDEX "shared_state_deleted" ON "shared_state" USING btree ("node_id","namespace") WHERE "shared_state"."deleted";--> statement-breakpoint
CREATE INDEX "mailbox_waiting" ON "mailbox" USING btree ("node_id","recipient_kind","recipient","seq","bytes") WHERE "mailbox"."acknowledged_at" is null;