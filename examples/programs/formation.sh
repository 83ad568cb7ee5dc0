#!/bin/sh
# A skein of geese takes off, one line at a time: a program that speaks while it runs. Plain sh, so that it runs
# wherever a node does; a node gives its programs no more of an environment than it was told to.
geese='
                 ^
               ^   ^
             ^       ^
           ^           ^
         ^               ^'
IFS='
'
for line in $geese; do
  printf '%s\n' "$line"
  sleep 0.2
done
printf 'in formation, %s\n' "${1:-somewhere}"
