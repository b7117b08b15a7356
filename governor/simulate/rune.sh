go test . -run TestE$ -v | cut -c 18- | grep -v "lly{" | sed 's/\([0-9]\{1,3\}\)\.[0-9]*ms/\1ms/g; s/\([0-9]\.[0-9][0-9]\)[0-9]*s/\1s/g; s/lat {[^}]*}//'
