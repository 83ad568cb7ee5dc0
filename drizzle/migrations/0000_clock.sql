-- The one clock of every statement. Tests replace it by one that they can move; nothing else asks now().
create function skein_now() returns timestamptz stable language sql as 'select now()';
