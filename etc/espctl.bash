# bash completion for espctl; asks the program itself what it knows.

# Devices, labels, and the words that selectors begin with.
_espctl_ports()
{
	espctl ports 2>/dev/null | awk 'NR > 1 { print $1 }'
	espctl labels 2>/dev/null | awk 'NR > 1 { print $1 }'
	echo "all serial= location= mac= label= vid= pid= name="
	echo "rfc2217:// socket://"
}

# Behind "efuse" or "secure": its commands, their options, and files.
_espctl_family()
{
	local family=$1 verbs verb= word

	verbs=$(espctl $family --help 2>/dev/null |
	    awk '/^  [a-z]/ { print $1 }')
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ $'\n'$verbs$'\n' == *$'\n'"$word"$'\n'* ]] && verb=$word
	done
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$({ espctl $family --help
		    espctl $family $verb --help; } 2>/dev/null |
		    grep -o -e '--[a-z][a-z-]*')" -- "$cur"))
	else
		COMPREPLY=($(compgen -W "$verbs" -- "$cur")
		    $(compgen -f -- "$cur"))
	fi
}

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
	# "serial=x" comes as three words.
	if [[ $cur == = || $prev == = ]]; then
		return
	fi
	case $prev in
	-p|--port)
		# Behind these two the letter is --no-progress.
		if [[ $prev == -p && $command == @(write|read)-flash ]]; then
			COMPREPLY=($(compgen -f -- "$cur"))
			return
		fi
		COMPREPLY=($(compgen -W "$(_espctl_ports)" -- "$cur")) ;;
	--port-filter)
		COMPREPLY=($(compgen -W "vid= pid= name= serial= location= \
		    mac= label=" -- "$cur")) ;;
	--listen)
		COMPREPLY=($(compgen -W "unix 0" -- "$cur")) ;;
	-c|--chip)
		COMPREPLY=($(compgen -W "auto esp8266 esp32 esp32s2 esp32s3 \
		    esp32c2 esp32c3 esp32c5 esp32c6 esp32c61 esp32h2 esp32h21 \
		    esp32h4 esp32p4 esp32s31 esp32e22" -- "$cur")) ;;
	-fm|--flash-mode)
		COMPREPLY=($(compgen -W "keep qio qout dio dout" \
		    -- "$cur")) ;;
	-ff|--flash-freq)
		COMPREPLY=($(compgen -W "keep 80m 60m 48m 40m 30m 26m 24m \
		    20m 16m 15m 12m" -- "$cur")) ;;
	-fs|--flash-size)
		COMPREPLY=($(compgen -W "keep detect 256KB 512KB 1MB 2MB \
		    2MB-c1 4MB 4MB-c1 8MB 16MB 32MB 64MB 128MB" \
		    -- "$cur")) ;;
	-sc|--spi-connection)
		COMPREPLY=($(compgen -W "SPI HSPI" -- "$cur")) ;;
	--override-vddsdio)
		COMPREPLY=($(compgen -W "1.8V 1.9V OFF" -- "$cur")) ;;
	-b|--baud)
		COMPREPLY=($(compgen -W "115200 230400 460800 921600 1500000" \
		    -- "$cur")) ;;
	--before)
		COMPREPLY=($(compgen -W "default-reset usb-reset no-reset \
		    no-reset-no-sync" -- "$cur")) ;;
	-a|--after)
		COMPREPLY=($(compgen -W "hard-reset soft-reset no-reset \
		    no-reset-stub watchdog-reset" -- "$cur")) ;;
	--stub)
		COMPREPLY=($(compgen -W "auto own espressif none" -- "$cur")) ;;
	esac
	if [[ ${#COMPREPLY[@]} -gt 0 ]]; then
		[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
		return
	fi
	if [[ $command == efuse || $command == secure ]]; then
		_espctl_family $command
	elif [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$(espctl help "${command:-write-flash}" \
		    2>/dev/null | grep -o -e '--[a-z][a-z-]*')" -- "$cur"))
	elif [[ -z $command ]]; then
		COMPREPLY=($(compgen -W "$(espctl help 2>/dev/null |
		    awk '/^  [a-z]/ { print $1 }')" -- "$cur"))
	else
		case $command in
		ports|export|unexport)
			COMPREPLY=($(compgen -W "$(_espctl_ports)" \
			    -- "$cur")) ;;
		label)
			if [[ $prev == label ]]; then
				COMPREPLY=($(compgen -W "$(espctl labels \
				    2>/dev/null | awk 'NR > 1 { print $1 }')" \
				    -- "$cur"))
			else
				COMPREPLY=($(compgen -W "$(_espctl_ports)" \
				    -- "$cur"))
			fi ;;
		flash)
			COMPREPLY=($(compgen -d -- "$cur") \
			    $(compgen -f -X '!*flash*_args*' -- "$cur"))
			compopt -o filenames ;;
		help)
			COMPREPLY=($(compgen -W "$(espctl help 2>/dev/null |
			    awk '/^  [a-z]/ { print $1 }')" -- "$cur")) ;;
		*)
			COMPREPLY=($(compgen -f -- "$cur")) ;;
		esac
	fi
	[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
	return 0
}
complete -F _espctl espctl
