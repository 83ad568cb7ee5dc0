/**
 * What the guard of a host runs, in the shell's own words so that it costs a megabyte and not a second runtime. It reads
 * from the host which sessions there are (`+<session>`, `-<session>`). When its input ends, the host is dead: it kills
 * the groups of those sessions, whoever is in one of them, whoever carries the mark, and whoever descends from these,
 * until it finds nobody twice in a row. Arguments: the mark's prefix. Tools: `grep`; without /proc only the groups.
 */
export const guardScript = `
trap '' HUP INT QUIT TERM PIPE
mark=$1
sessions=' '
while read -r line; do
  session=\${line#?}
  case $line in
    +*) sessions="$sessions$session " ;;
    -*) case $sessions in *" $session "*) sessions="\${sessions%% $session *} \${sessions#* $session }" ;; esac ;;
  esac
done
for session in $sessions; do kill -KILL -- "-$session"; done 2>/dev/null
[ -r /proc/self/stat ] || exit 0
tries=0 clean=0
while [ $clean -lt 2 ] && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  doomed=' '
  for file in $(grep -lsF "$mark" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    doomed="$doomed\${pid%/environ} "
  done
  grown=yes
  while [ $grown = yes ]; do
    grown=no
    for folder in /proc/[0-9]*; do
      pid=\${folder#/proc/}
      case $doomed in *" $pid "*) continue ;; esac
      stat=
      { read -r stat <"$folder/stat"; } 2>/dev/null
      set -f -- \${stat##*) }
      set +f
      [ "$1" = Z ] && continue
      case $doomed in *" $2 "*) doomed="$doomed$pid " grown=yes; continue ;; esac
      case $sessions in *" $4 "*) doomed="$doomed$pid " grown=yes ;; esac
    done
  done
  if [ "$doomed" = ' ' ]; then clean=$((clean + 1)); else clean=0; kill -KILL $doomed; fi 2>/dev/null
done
`;
