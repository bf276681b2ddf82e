# daemon/job
