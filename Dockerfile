# The app, under a user of its own. The README has the commands; `.ci/check_containers.py` takes the
# same steps without an engine.
FROM python:3.11-slim

# The index of PyTorch's builds for the CPU: without it pip may bring CUDA along, gigabytes.
ARG TORCH_INDEX=""
WORKDIR /src
COPY requirements.txt .
RUN python -m pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} $(grep -E "^torch(vision)?==" requirements.txt)
COPY . .
RUN python -m pip install --no-cache-dir .

# Runs, datasets and caches: the one folder that the user may write.
WORKDIR /data
RUN chown 10001:10001 .
USER 10001:10001
VOLUME /data
ENV HOME=/data LOGNAME=lab LATENT_LAB_RUNS=/data/runs LATENT_LAB_DATA=/data/datasets NUMBA_CACHE_DIR=/data/numba
ENV PORT=8501
EXPOSE 8501
HEALTHCHECK CMD python -c "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/_stcore/health', timeout=5)"
CMD ["latent-lab"]
