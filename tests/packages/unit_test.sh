#!/usr/bin/env bash
# systemd's own judgement of how much of the machine the service could do harm to: 0.0 is none, 10.0 all.
set -euo pipefail
readonly most=15  # tenths
if systemd-analyze security --offline=true --no-pager --threshold="$most" deploy/systemd/ordercast.service; then
  echo passed
else
  echo "ordercast.service is exposed to more than $most tenths"
  exit 1
fi
