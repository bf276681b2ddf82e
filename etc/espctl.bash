# bash completion for espctl; asks the program itself what it knows.

_espctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local word command=

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		if espctl help 2>/dev/null | grep -q "^  $word "; then
			command=$word
			break
		fi
	done
	case $prev in
	-p|--port)
		COMPREPLY=($(compgen -W "$(espctl ports 2>/dev/null |
		    awk 'NR > 1 { print $1 }')" -- "$cur"))
		return ;;
	-c|--chip)
		COMPREPLY=($(compgen -W "auto esp8266 esp32 esp32s3 esp32c3" \
		    -- "$cur"))
		return ;;
	-b|--baud)
		COMPREPLY=($(compgen -W "115200 230400 460800 921600 1500000" \
		    -- "$cur"))
		return ;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$(espctl help "${command:-write-flash}" \
		    2>/dev/null | grep -o -e '--[a-z][a-z-]*')" -- "$cur"))
	elif [[ -z $command ]]; then
		COMPREPLY=($(compgen -W "$(espctl help 2>/dev/null |
		    awk '/^  [a-z]/ { print $1 }')" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -F _espctl espctl
