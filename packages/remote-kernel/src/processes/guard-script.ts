/**
 * What the guard of a host runs, in the shell's own words so that it costs a megabyte and not a second runtime. It reads
 * from the host what the runs own, sessions and sockets (`+4711`, `+socket:[815]`, and with `-` when a run is over). When
 * its input ends, the host is dead. Then it kills the groups of those sessions, whoever is in one of them or holds one of
 * the sockets or carries the mark, and whoever descends from these, until it finds nobody twice in a row. The rule is that
 * of `membership.ts`. Argument: how the mark begins. Tools: `grep` and `ls`; without /proc it reaches the groups only.
 */
export const guardScript = `
trap '' HUP INT QUIT TERM PIPE
set -f
mark=$1
owned=' '
while read -r line; do
  name=\${line#?}
  case $line in
    +*) owned="$owned$name " ;;
    -*) case $owned in *" $name "*) owned="\${owned%%" $name "*} \${owned#*" $name "}" ;; esac ;;
  esac
done
for name in $owned; do
  case $name in socket:*) ;; *) kill -KILL -- "-$name" ;; esac
done 2>/dev/null
[ -r /proc/self/stat ] || exit 0

tries=0 clean=0
while [ $clean -lt 2 ] && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  doomed=' '
  for file in $(set +f; grep -lsF "$mark" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    doomed="$doomed\${pid%/environ} "
  done
  holder=
  for word in $(set +f; ls -l /proc/[0-9]*/fd/[123] 2>/dev/null); do
    case $word in
      /proc/*) holder=\${word#/proc/} holder=\${holder%%/*} ;;
      socket:*) case $owned in *" $word "*) doomed="$doomed$holder " ;; esac ;;
    esac
  done
  grown=yes
  while [ $grown = yes ]; do
    grown=no
    for folder in $(set +f; echo /proc/[0-9]*); do
      pid=\${folder#/proc/}
      case $doomed in *" $pid "*) continue ;; esac
      stat=
      { read -r stat <"$folder/stat"; } 2>/dev/null
      set -- \${stat##*) }
      [ "$1" = Z ] && continue
      case $doomed in *" $2 "*) doomed="$doomed$pid " grown=yes; continue ;; esac
      case $owned in *" $4 "*) doomed="$doomed$pid " grown=yes ;; esac
    done
  done
  if [ "$doomed" = ' ' ]; then clean=$((clean + 1)); else clean=0; kill -KILL $doomed; fi 2>/dev/null
done
`;
